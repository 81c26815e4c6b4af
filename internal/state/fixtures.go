package state

import (
	"bytes"
	_ "embed" // the schema
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/xeipuuv/gojsonschema"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
)

// fixturesSchema is the JSON schema (draft-07) of a file of prepared records.
//
//go:embed fixtures.schema.json
var fixturesSchema []byte

// maxFixtureProblems bounds how many problems of one file are shown: a file that a script wrote has the same one in
// every record.
const maxFixtureProblems = 20

// readFixtures reads a file of prepared records. Problems never show a value, nor the line that holds it.
func readFixtures(file string, data []byte) ([]record, problem.List) {
	complain := func(pointer, summary, detail string) problem.Problem {
		line, column := placeOf(data, pointer)
		return problem.Problem{Severity: problem.Error, Summary: summary, Detail: detail, File: file, Line: line, Column: column}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if offset, err := properJSON(data); err != nil {
		found := complain("", "the prepared records are no proper JSON: "+plainSyntax(err), "A prepared file is one JSON object: "+example)
		found.Line, found.Column = position(data, offset)
		return nil, problem.List{found}
	}
	faults, err := schemaFaults(data)
	if err != nil {
		return nil, problem.List{complain("", "the prepared records cannot be checked: "+err.Error(), "")}
	}
	if len(faults) > 0 {
		var list problem.List
		for _, f := range faults[:min(len(faults), maxFixtureProblems)] {
			list = append(list, complain(f.pointer, f.where()+f.text, "A prepared file is "+example))
		}
		if more := len(faults) - maxFixtureProblems; more > 0 {
			list[len(list)-1].Detail += fmt.Sprintf("\nThere are %d more such problems in this file.", more)
		}
		return nil, list
	}
	return readRecords(data, complain)
}

const example = `{"a pending phone validation": [{"phone": "62647737", "countryCode": "+507", "otp": 123456, "token": "..."}]}`

// readRecords reads a file that its schema has passed.
func readRecords(data []byte, complain func(pointer, summary, detail string) problem.Problem) ([]record, problem.List) {
	var byName map[string]json.RawMessage
	_ = json.Unmarshal(data, &byName) // the schema has passed it
	var (
		records []record
		list    problem.List
	)
	for _, key := range slices.Sorted(maps.Keys(byName)) {
		name := providerstate.Name(key)
		var bodies []json.RawMessage
		if json.Unmarshal(byName[key], &bodies) != nil {
			continue // "$schema"
		}
		for i, body := range bodies {
			pointer := "/" + key + "/" + strconv.Itoa(i)
			values, err := readRecord(name, body)
			var unmade *Unmade
			switch {
			case !errors.As(err, &unmade):
				records = append(records, record{name: name, place: i, pointer: pointer, values: values})
			case unmade.leadingZero:
				list = append(list, warning(complain(pointer, fmt.Sprintf("%q, record %d is passed over: its %s", name, i+1, unmade.Reason),
					"The next record is used in its place; prepare one more.")))
			default:
				list = append(list, complain(pointer, fmt.Sprintf("%q, record %d: %s", name, i+1, unmade.Reason), ""))
			}
		}
	}
	return records, append(list, clashes(records, complain)...)
}

// readRecord reads one record. The error is *Unmade.
func readRecord(name providerstate.Name, body []byte) (providerstate.Values, error) {
	y, err := decode(body)
	if err != nil {
		return providerstate.Values{}, &Unmade{Reason: err.Error()}
	}
	return validate(y, Request{Name: name}, "")
}

func warning(p problem.Problem) problem.Problem {
	p.Severity = problem.Warning
	return p
}

// clashes finds records that would spoil each other: a phone of "no phone validation" that has one, and a phone whose
// records two scenarios would use at once.
func clashes(records []record, complain func(pointer, summary, detail string) problem.Problem) problem.List {
	var list problem.List
	first := map[pair]record{}
	for _, r := range records {
		if r.name != providerstate.None {
			earlier, twice := first[r.pair()]
			if !twice {
				first[r.pair()] = r
				continue
			}
			list = append(list, warning(complain(r.pointer, fmt.Sprintf("%q, record %d has the phone of %q, record %d", r.name, r.place+1, earlier.name, earlier.place+1),
				"Two scenarios would use the same phone at once; give each record a phone of its own.")))
		}
	}
	for _, r := range records {
		if other, has := first[r.pair()]; has && r.name == providerstate.None {
			list = append(list, complain(r.pointer,
				fmt.Sprintf("%q, record %d has the phone of %q, record %d", r.name, r.place+1, other.name, other.place+1),
				"A phone that has a validation cannot stand for one that has none; give the record a phone of its own."))
		}
	}
	return list
}

// fault is one thing that the schema finds wrong.
type fault struct{ pointer, text string }

// where names the place in words: `"a pending phone validation", record 1: `.
func (f fault) where() string {
	parts := strings.Split(strings.TrimPrefix(f.pointer, "/"), "/")
	if parts[0] == "" {
		return "the prepared records: "
	}
	text := strconv.Quote(parts[0])
	if len(parts) > 1 {
		if place, err := strconv.Atoi(parts[1]); err == nil {
			text += ", record " + strconv.Itoa(place+1)
		}
	}
	if len(parts) > 2 {
		text += ", " + parts[2]
	}
	return text + ": "
}

// schemaFaults applies the schema. The library's order changes from run to run, so faults are sorted.
func schemaFaults(data []byte) ([]fault, error) {
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft, loader.AutoDetect, loader.Validate = gojsonschema.Draft7, false, true
	schema, err := loader.Compile(gojsonschema.NewBytesLoader(fixturesSchema))
	if err != nil {
		return nil, err
	}
	result, err := schema.Validate(gojsonschema.NewBytesLoader(data))
	if err != nil {
		return nil, err
	}
	var faults []fault
	for _, found := range result.Errors() {
		if found.Type() == "number_all_of" {
			continue // says only that one of the others holds
		}
		pointer := strings.TrimPrefix(found.Context().String("/"), "(root)")
		faults = append(faults, fault{pointer, found.Description()})
	}
	slices.SortFunc(faults, func(a, b fault) int {
		return strings.Compare(sortable(a.pointer)+a.text, sortable(b.pointer)+b.text)
	})
	return slices.Compact(faults), nil
}

// sortable makes record 10 follow record 9.
func sortable(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i, part := range parts {
		if n, err := strconv.Atoi(part); err == nil {
			parts[i] = fmt.Sprintf("%09d", n)
		}
	}
	return strings.Join(parts, "/") + "\x00"
}

// properJSON finds what encoding/json and the schema pass in silence, and where: keys that occur twice, text after the
// value, bytes that are no UTF-8.
func properJSON(data []byte) (offset int64, err error) {
	d := jsontext.NewDecoder(bytes.NewReader(data))
	if err = d.SkipValue(); err == nil {
		_, err = d.ReadToken()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err == nil {
			return d.InputOffset() - 1, errors.New("there is more after the first value")
		}
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return syntax.ByteOffset, err
	}
	return int64(len(data)), err
}

// plainSyntax leaves out where the error is, which the problem shows by itself, and what stands there, which may be
// secret.
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
	return err.Error()
}

// placeOf finds the line and the column of the member or element that a pointer names, both from 1; zero where there
// is none.
func placeOf(data []byte, pointer string) (line, column int) {
	if pointer == "" {
		return 0, 0
	}
	d := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		start := d.InputOffset()
		if _, err := d.ReadToken(); err != nil {
			return 0, 0
		}
		if string(d.StackPointer()) == pointer {
			for start < int64(len(data)) && bytes.IndexByte([]byte(" \t\r\n,:"), data[start]) >= 0 {
				start++
			}
			return position(data, start)
		}
	}
}

func position(data []byte, offset int64) (line, column int) {
	before := data[:min(max(int(offset), 0), len(data))]
	line = 1 + bytes.Count(before, []byte("\n"))
	column = 1 + len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return line, column
}
