package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

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
