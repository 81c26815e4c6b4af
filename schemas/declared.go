package schemas

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/text"
)

// The annotations that say what a schema is of. JSON Schema ignores unknown keywords.
const (
	endpointKey = "x-endpoint"
	answerKey   = "x-answer"
)

// Endpoint is what the request's schema declares.
type Endpoint struct {
	Method   string   `json:"method"`
	Path     string   `json:"path"`
	Required []string `json:"-"` // the required parameters, in the documented order
	Optional []string `json:"-"` // the other documented parameters, sorted
}

// Answer is what an answer's schema declares.
type Answer struct {
	Schema  Name     `json:"-"`
	Status  int      `json:"status"`
	Rule    string   `json:"rule"`    // the rule that promises it, "PV-02"
	Words   string   `json:"words"`   // what it says, in the words of the features
	Repeats []string `json:"repeats"` // the request's parameters that its data repeats

	Code     string   `json:"-"` // the value of `code`; "": not a constant
	Messages []string `json:"-"` // the possible values of `message`; none: not listed
}

// Endpoint returns the endpoint that the contract is about.
func (s *Set) Endpoint() Endpoint { return s.endpoint }

// Answers returns the documented answers, sorted by status. The caller must not change them.
func (s *Set) Answers() []Answer { return s.answers }

var (
	ruleID    = regexp.MustCompile(`^[A-Z]+-[0-9]+$`)
	methods   = regexp.MustCompile(`^[A-Z]+$`)
	plainPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)
)

// checkAgreement checks that the schemas' declarations agree, and sorts the answers. Each error names its schema.
func (s *Set) checkAgreement() error {
	if s.endpoint.Path == "" {
		return fmt.Errorf("schema %s: it has no %s, which declares the endpoint", Request, endpointKey)
	}
	slices.SortStableFunc(s.answers, func(a, b Answer) int { return cmp.Compare(a.Status, b.Status) })
	words := map[string]Name{}
	for _, a := range s.answers {
		if other, again := words[a.Words]; again {
			return fmt.Errorf("schema %s: its words %q are those of %s too: a step could mean either", a.Schema, a.Words, other)
		}
		words[a.Words] = a.Schema
		for _, name := range a.Repeats {
			if !slices.Contains(s.endpoint.Required, name) {
				return fmt.Errorf("schema %s: %s: it repeats %q, which is not a required parameter%s", a.Schema, answerKey, name, text.DidYouMean(name, s.endpoint.Required))
			}
		}
	}
	return nil
}

// declare reads what a schema declares.
func (s *Set) declare(name Name, schema map[string]any) error {
	properties, _ := schema["properties"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(schema)) {
		switch {
		case key == endpointKey && name == Request:
			if err := annotation(key, schema[key], &s.endpoint); err != nil {
				return err
			}
			if !methods.MatchString(s.endpoint.Method) || !plainPath.MatchString(s.endpoint.Path) {
				return fmt.Errorf(`%s: write {"method": "PUT", "path": "/v2/..."}`, key)
			}
			required, _ := schema["required"].([]any)
			if s.endpoint.Required = texts(required); len(s.endpoint.Required) == 0 {
				return fmt.Errorf("it requires no parameter")
			}
			s.endpoint.Optional = slices.DeleteFunc(slices.Sorted(maps.Keys(properties)), func(parameter string) bool {
				return slices.Contains(s.endpoint.Required, parameter)
			})
		case key == answerKey && name != Request:
			a := Answer{Schema: name, Messages: constants(properties["message"])}
			if err := annotation(key, schema[key], &a); err != nil {
				return err
			}
			switch {
			case a.Status < 200 || a.Status > 599:
				return fmt.Errorf("%s: its status is %d: write one from 200 to 599", key, a.Status)
			case !ruleID.MatchString(a.Rule):
				return fmt.Errorf("%s: its rule is %q: write an id like LOCK-01", key, a.Rule)
			case a.Words == "" || a.Words != strings.Join(strings.Fields(a.Words), " "):
				return fmt.Errorf("%s: its words are %q: write in a few words what the answer says, as a step will", key, a.Words)
			}
			if codes := constants(properties["code"]); len(codes) == 1 {
				a.Code = codes[0]
			}
			s.answers = append(s.answers, a)
		case strings.HasPrefix(key, "x-"):
			meant := answerKey
			if name == Request {
				meant = endpointKey
			}
			return fmt.Errorf("%s means nothing here%s", key, text.DidYouMean(key, []string{meant}))
		}
	}
	return nil
}

// annotation reads an annotation, which must not have unknown members.
func annotation(key string, value, into any) error {
	if object, ok := value.(map[string]any); !ok || object == nil {
		return fmt.Errorf("%s is not an object", key)
	}
	decoder := json.NewDecoder(strings.NewReader(text.Value(value)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %s", key, strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// constants returns the texts that a schema lists by enum or const.
func constants(schema any) []string {
	object, _ := schema.(map[string]any)
	listed, _ := object["enum"].([]any)
	return texts(append(slices.Clip(listed), object["const"]))
}

func texts(list []any) []string {
	var all []string
	for _, element := range list {
		if text, ok := element.(string); ok {
			all = append(all, text)
		}
	}
	return all
}
