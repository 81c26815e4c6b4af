package state

import (
	"slices"
	"sync"

	"verifik-contract/internal/providerstate"
)

// fixturePool holds what is left of the prepared records while a plan hands them out and a run takes spare ones for its
// retries. It is safe for concurrent use.
type fixturePool struct {
	mutex sync.Mutex
	left  map[int]map[providerstate.Name][]*shelf // by source
}

// shelf is the records of one state that are alike to whoever asks.
type shelf struct {
	countryCode, phoneGateway string
	known                     []string // the optional values that its records tell
	records                   []int    // indexes, ascending; used from the front
}

func newFixturePool(sources []source) *fixturePool {
	s := &fixturePool{left: map[int]map[providerstate.Name][]*shelf{}}
	for i, one := range sources {
		if fixtures, ok := one.(*static); ok {
			s.left[i] = fixtures.shelves()
		}
	}
	return s
}

// take hands out a record that fits what is asked for and that the scenario, which has the given ones already, can
// use beside them. Records of None are reusable.
func (s *fixturePool) take(index int, from *static, asked Request, beside []int) (record int, ok bool) {
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
			if asked.Name != providerstate.None {
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
	const exact, terse, most = 1 << 50, 1 << 40, 1 << 5
	full := len(s.records) + terse*(most-len(s.known))
	switch {
	case slices.ContainsFunc(asked.Values, func(name string) bool { return !slices.Contains(s.known, name) }):
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
	return s.countryCode == r.values.CountryCode && s.phoneGateway == r.values.PhoneGateway && slices.Equal(s.known, r.values.Optional())
}

// putBack undoes a take.
func (s *fixturePool) putBack(index int, from *static, record int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	r := from.records[record]
	if r.name == providerstate.None {
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
