package state

import (
	"slices"
	"strings"
	"sync"
)

// stock is what is left of the prepared records while a plan hands them out and a run takes spare ones for its
// retries. It is safe for concurrent use.
type stock struct {
	mutex sync.Mutex
	left  map[int]map[Name][]*shelf // by source
}

// shelf is the records of one state that are alike to whoever asks.
type shelf struct {
	countryCode, phoneGateway string
	known                     string // the optional values that its records tell, each with a space behind it
	records                   []int  // indexes, ascending; used from the front
}

func newStock(sources []source) *stock {
	s := &stock{left: map[int]map[Name][]*shelf{}}
	for i, one := range sources {
		if fixtures, ok := one.(*static); ok {
			s.left[i] = fixtures.shelves()
		}
	}
	return s
}

// take hands out a record that fits what is asked for and that the scenario, which has the given ones already, can
// use beside them. A record of None stays: nothing spends it.
func (s *stock) take(index int, from *static, asked Request, beside []int) (record int, ok bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	shelves := slices.Clone(s.left[index][asked.Name])
	slices.SortStableFunc(shelves, func(a, b *shelf) int { return b.rank(asked) - a.rank(asked) })
	for _, shelf := range shelves {
		if shelf.rank(asked) < 0 {
			break
		}
		for place, record := range shelf.records {
			if from.conflict(record, beside) {
				continue
			}
			if asked.Name != None {
				shelf.records = slices.Delete(shelf.records, place, place+1)
			}
			return record, true
		}
	}
	return 0, false
}

// rank orders the shelves for one request: those that name the gateway that is asked for, then those that tell the
// least, then the fullest, so that what is rare is kept for who asks for it. A shelf that does not fit is negative.
func (s *shelf) rank(asked Request) int {
	const exact, terse = 1 << 50, 1 << 40
	full := len(s.records) + terse*(len(optional)-strings.Count(s.known, " "))
	switch {
	case slices.ContainsFunc(asked.Values, func(name string) bool { return !strings.Contains(s.known, name+" ") }):
		return -1
	case asked.CountryCode != "" && s.countryCode != asked.CountryCode,
		asked.PhoneGateway != "" && s.phoneGateway != "" && s.phoneGateway != asked.PhoneGateway:
		return -1
	case asked.PhoneGateway != "" && s.phoneGateway != "":
		return exact + full
	}
	return full
}

func (s *shelf) holds(r record) bool {
	return s.countryCode == r.values.CountryCode && s.phoneGateway == r.values.PhoneGateway && s.known == known(r.values)
}

// optional is the values that a record may lack, by the names of Pact's exchange.
var optional = []struct {
	name string
	has  func(Values) bool
}{
	{"project", func(v Values) bool { return v.Project != "" }},
	{"projectFlow", func(v Values) bool { return v.ProjectFlow != "" }},
	{"phoneGateway", func(v Values) bool { return v.PhoneGateway != "" }},
	{"showFaceLivenessRecommendation", func(v Values) bool { return v.Liveness != nil }},
	{"validationId", func(v Values) bool { return v.ValidationID != "" }},
	{"appRegistrationId", func(v Values) bool { return v.AppRegistrationID != "" }},
}

// known lists the optional values that a record tells, each with a space behind it.
func known(v Values) string {
	var b strings.Builder
	for _, o := range optional {
		if o.has(v) {
			b.WriteString(o.name + " ")
		}
	}
	return b.String()
}

// putBack undoes a take.
func (s *stock) putBack(index int, from *static, record int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	r := from.records[record]
	if r.name == None {
		return
	}
	for _, shelf := range s.left[index][r.name] {
		if shelf.holds(r) {
			place, _ := slices.BinarySearch(shelf.records, record)
			shelf.records = slices.Insert(shelf.records, place, record)
			return
		}
	}
}
