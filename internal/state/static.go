package state

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/env"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// static is a source of prepared records.
type static struct {
	file    string
	records []*record
}

// record is one prepared record.
type record struct {
	name   providerstate.Name
	place  int   // in its state's list, from 0
	at     int64 // where the record begins in the file
	values providerstate.Values
	known  []string // the names of the optional values that it has
}

// String returns the record's name in messages.
func (r *record) String() string { return fmt.Sprintf("%q, record %d", r.name, r.place+1) }

func (r *record) wholePhone() env.Phone {
	return env.Phone{CountryCode: r.values.CountryCode, Number: r.values.Phone}
}

func newStatic(declared env.Static, secrets *secret.Set, problems *problem.List) *static {
	f := fixtureFile{static: &static{file: declared.File}, data: declared.Data, secrets: secrets}
	f.read()
	if more := len(f.problems) - maxFixtureProblems; more > 0 {
		f.problems = f.problems[:maxFixtureProblems]
		f.problems[maxFixtureProblems-1].Detail += fmt.Sprintf("\nThere are %d more problems in this file.", more)
	}
	*problems = append(*problems, f.problems...)
	return f.static
}

func (s *static) title() string { return filepath.Base(s.file) }

func (s *static) has(phone env.Phone) bool {
	return slices.ContainsFunc(s.records, func(r *record) bool { return r.wholePhone() == phone })
}

// assign reserves a record that fits the request and that the scenario can use beside its others: the one with the fewest
// optional values, so that rare values are kept for who asks for them. Records of None are reusable.
func (s *static) assign(p *Planner, request Request, others []pick) (pick, *Skip) {
	if request.Notified() {
		return pick{}, refusal(`states "static" cannot make it: a prepared record cannot know the address at which this run waits for notifications`,
			`add a states "pact" or states "verifik" block, which tells the provider that address`)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	fitting := group.Where(s.records, func(r *record) bool {
		return r.name == request.Name && !p.taken[r] && r.fits(request) && !r.conflicts(others)
	})
	if len(fitting) == 0 {
		return pick{}, s.noneLeft(request)
	}
	best := slices.MinFunc(fitting, func(a, b *record) int { return cmp.Compare(len(a.known), len(b.known)) })
	used := request.Name != providerstate.None
	p.taken[best] = used
	return pick{prepared: best, once: used}, nil
}

// noneLeft returns the refusal of a request that no record is left for.
func (s *static) noneLeft(request Request) *Skip {
	var wishes []string
	if request.CountryCode != "" {
		wishes = append(wishes, "countryCode "+request.CountryCode)
	}
	if request.PhoneGateway != "" {
		wishes = append(wishes, "phoneGateway "+request.PhoneGateway)
	}
	wish := text.List(append(wishes, request.Values...), "and")
	if wish != "" {
		wish = " with " + wish
	}
	count := len(group.Where(s.records, func(r *record) bool { return r.name == request.Name }))
	if count == 0 {
		return refusal(fmt.Sprintf("%s has no record of %q", s.title(), request.Name),
			fmt.Sprintf("add records of %q%s to %s", request.Name, wish, s.title()))
	}
	return refusal(fmt.Sprintf("%s has %s of %q, and none is left%s for this scenario", s.title(), text.Count(count, "record"), request.Name, wish),
		fmt.Sprintf("add another record of %q%s to %s", request.Name, wish, s.title()))
}

func (s *static) make(_ context.Context, t task) (decoded, func(context.Context), error) {
	return decoded{Values: t.prepared.values}, nil, nil
}

// fits reports whether a record has what a request asks for.
func (r *record) fits(request Request) bool {
	gateway := r.values.PhoneGateway
	return (request.CountryCode == "" || request.CountryCode == r.values.CountryCode) &&
		(request.PhoneGateway == "" || gateway == "" || request.PhoneGateway == gateway) &&
		!slices.ContainsFunc(request.Values, func(name string) bool { return !slices.Contains(r.known, name) })
}

// conflicts reports whether a record cannot be used beside those of the scenario's other needs, which must differ in phone and token:
// they stand for different registrations.
func (r *record) conflicts(others []pick) bool {
	return slices.ContainsFunc(others, func(other pick) bool {
		return other.prepared != nil && (other.prepared.wholePhone() == r.wholePhone() || other.prepared.values.Token == r.values.Token)
	})
}

const example = `{"a pending phone validation": [{"phone": "62647737", "countryCode": "+507", "otp": 123456, "token": "..."}]}`

// maxFixtureProblems is how many problems of one file are shown: a file that a script wrote may have the same one in every
// record.
const maxFixtureProblems = 20

// fixtureFile is a file of prepared records being read. Its problems show neither values nor source lines.
type fixtureFile struct {
	*static
	data     []byte
	secrets  *secret.Set
	problems problem.List
}

// read reads the records of each state.
func (f *fixtureFile) read() {
	var states map[placed]placed // decoded one by one, so that one that is no list hides no problem of another
	if err := json.Unmarshal(f.data, &states); err != nil {
		at := int64(0)
		if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			at = syntax.ByteOffset
		}
		f.complain(problem.Error, at, "the prepared records are not valid JSON: "+plainSyntax(err), "A prepared file is one JSON object: "+example)
		return
	}
	for _, name := range slices.SortedFunc(maps.Keys(states), func(a, b placed) int { return strings.Compare(a.text, b.text) }) {
		f.readState(name, states[name])
	}
	f.findClashes()
}

// placed is a JSON name or value with the offset at which it begins.
type placed struct {
	text string
	at   int64
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (p *placed) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	*p = placed{string(value), decoder.InputOffset() - int64(len(value))}
	return err
}

// complain adds a problem at an offset of the file.
func (f *fixtureFile) complain(severity problem.Severity, at int64, summary, detail string) {
	before := f.data[:min(int(at), len(f.data))]
	f.problems = append(f.problems, problem.Problem{
		Severity: severity, Summary: summary, Detail: detail, File: f.file,
		Line:   1 + bytes.Count(before, []byte("\n")),
		Column: 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]),
	})
}

func (f *fixtureFile) readState(key, list placed) {
	unquoted, _ := digitsOf(jsontext.Value(key.text))
	name := providerstate.Name(unquoted)
	if !name.Valid() {
		f.complain(problem.Error, key.at, fmt.Sprintf("%q is not a state%s", name, text.DidYouMean(unquoted, providerstate.Names())), "A prepared file is "+example)
		return
	}
	var bodies []placed
	if err := json.Unmarshal([]byte(list.text), &bodies); err != nil {
		f.complain(problem.Error, key.at, fmt.Sprintf("%q is not a list of records", name), "A prepared file is "+example)
		return
	}
	for i, body := range bodies {
		r := &record{name: name, place: i, at: list.at + body.at}
		var err error
		r.values, err = f.readRecord(name, body.text)
		switch notMade, wrong := errors.AsType[*NotMade](err); {
		case !wrong:
			r.known = r.values.Optional()
			f.records = append(f.records, r)
		case notMade.leadingZero:
			f.complain(problem.Warning, r.at, fmt.Sprintf("%s is left out: its %s", r, notMade.Reason), "The next record is used in its place; prepare one more.")
		default:
			f.complain(problem.Error, r.at, fmt.Sprintf("%s: %s", r, notMade.Reason), "A prepared file is "+example)
		}
	}
}

// readRecord reads one record. The error is *NotMade.
func (f *fixtureFile) readRecord(name providerstate.Name, body string) (providerstate.Values, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		return providerstate.Values{}, &NotMade{Reason: "it is not an object"}
	}
	known := append(group.Map(providerstate.Values{}.All(), func(v providerstate.Value) string { return v.Name }), "comment")
	for _, member := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(known, member) {
			return providerstate.Values{}, &NotMade{Reason: fmt.Sprintf("no state has a value %q%s", member, text.DidYouMean(member, known))}
		}
	}
	var d decoded
	d.read(members, f.secrets)
	return validate(d, Request{Name: name}, "")
}

// findClashes finds records that interfere with each other: a phone of "no phone validation" that has a validation, and a phone
// with several records, which several scenarios would use at once.
func (f *fixtureFile) findClashes() {
	for _, same := range group.By(f.records, (*record).wholePhone) {
		first := slices.IndexFunc(same, func(r *record) bool { return r.name != providerstate.None })
		if first < 0 {
			continue
		}
		for i, r := range same {
			clash := fmt.Sprintf("%s has the phone of %s", r, same[first])
			switch {
			case r.name == providerstate.None:
				f.complain(problem.Error, r.at, clash, "A phone that has a validation cannot stand for one that has none; give the record a phone of its own.")
			case i > first:
				f.complain(problem.Warning, r.at, clash, "Two scenarios would use the same phone at once; give each record a phone of its own.")
			}
		}
	}
}

// plainSyntax describes a JSON error without its place, which the problem has anyway, and without the text there, which
// may be secret.
func plainSyntax(err error) string {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return "it ends too early"
	case errors.Is(err, jsontext.ErrDuplicateName):
		return "a name occurs twice in one object"
	case errors.As(err, &syntax):
		return "a syntax error (an OTP with a leading zero is one, too)"
	}
	return "it is not an object"
}
