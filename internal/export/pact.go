package export

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/schemas"
)

// yields returns what a provider state yields.
type yields = func(providerstate.Name, providerstate.Parameters) providerstate.Values

// Rehearse does the steps of a scenario of a rule without a provider: its state yields the values, and its request gets the
// answer. The error is why that cannot be done.
type Rehearse func(ctx context.Context, rule string, steps []string, values yields, answer exchange.Answer) (contract.Rehearsal, error)

// Left is the scenarios that a pact cannot express for one reason.
type Left struct {
	Reason    string   `json:"reason"`
	Scenarios []string `json:"scenarios"`
}

// A Pact is the contract as Pact's verifier takes it, version 4 of the specification.
type Pact struct {
	Document     any // for an encoder of JSON
	Interactions int
	LeftOut      []Left
}

// pact is one on its way.
type pact struct {
	rehearse func(s features.Scenario, values yields, answer exchange.Answer) (contract.Rehearsal, error)
	answers  []documented
	found    []object
	bare     []object // the same without what is for a person
	left     []Left
}

// documented is a documented answer, as an example of it.
type documented struct {
	status int
	body   any
}

// NewPact makes an interaction of each scenario that is one request to one provider state: nothing is looked up by hand. A
// scenario is done twice, with two sets of values of its state: where the request follows the values it is written by
// them (`${phone}`), and where it follows them in a way that Pact has no words for the scenario is left out. What its
// answer must be is found by asking the scenario itself: the documented answers, and then each with one place changed.
func NewPact(ctx context.Context, set *features.Set, declared *schemas.Set, rehearse Rehearse) Pact {
	p := &pact{rehearse: func(s features.Scenario, values yields, answer exchange.Answer) (contract.Rehearsal, error) {
		steps := group.Map(s.Steps, func(step features.Step) string { return step.Text })
		return rehearse(ctx, s.Rule, steps, values, answer)
	}}
	c := newConverter(declared)
	for _, answer := range declared.Answers() {
		if example, ok := c.example(answer.Schema); ok {
			p.answers = append(p.answers, documented{answer.Status, example})
		}
	}
	for _, s := range set.Scenarios {
		rule, _ := set.Rule(s.Rule)
		err := errors.New("the documentation is silent: nothing is expected")
		if rule.Level != "observe" {
			err = p.add(s, rule)
		}
		if err != nil {
			p.leave(err.Error(), s.Rule+" "+s.Name)
		}
	}
	return Pact{
		Interactions: len(p.found),
		LeftOut:      p.left,
		Document: object{
			"consumer":     object{"name": "verifik-contract"},
			"provider":     object{"name": path.Base(declared.Endpoint().Path)},
			"interactions": p.found,
			"metadata": object{
				"pactSpecification": object{"version": "4.0"},
				"contract":          object{"features": set.Digest(), "schemas": declared.Digest(), "leftOut": p.left},
			},
		},
	}
}

func (p *pact) leave(reason, scenario string) {
	i := slices.IndexFunc(p.left, func(l Left) bool { return l.Reason == reason })
	if i < 0 {
		i = len(p.left)
		p.left = append(p.left, Left{Reason: reason})
	}
	p.left[i].Scenarios = append(p.left[i].Scenarios, scenario)
}

var errNotOne = errors.New("its answer is one that Pact cannot tell from others")

// add makes the interaction of a scenario.
func (p *pact) add(s features.Scenario, rule features.Rule) error {
	var taken []rehearsal
	statuses := map[int]bool{}
	for _, answer := range p.answers {
		r, err := p.try(s, one, answer)
		if err != nil {
			return err
		}
		if r.takes {
			taken, statuses[answer.status] = append(taken, r), true
		}
	}
	if len(taken) == 0 {
		return errors.New("it expects none of the answers that a schema has an example of, in \"examples\" or by its constants")
	}
	first := taken[0]
	again, err := p.try(s, another, first.documented)
	if err != nil || !again.takes {
		return errNotOne
	}
	request, err := sent(first, again)
	if err != nil {
		return err
	}
	response, err := p.expected(s, first, again, statuses)
	if err != nil {
		return err
	}
	params := object{providerstate.CountryCode: first.Params.CountryCode, providerstate.PhoneGateway: first.Params.PhoneGateway}
	maps.DeleteFunc(params, func(_ string, value any) bool { return value == "" })
	interaction := object{
		"type":           "Synchronous/HTTP",
		"pending":        false,
		"providerStates": []any{object{"name": first.State, "params": params}},
		"request":        request,
		"response":       response,
	}
	if slices.ContainsFunc(p.bare, func(other object) bool { return reflect.DeepEqual(other, interaction) }) {
		return errors.New("another one asks the same")
	}
	p.bare = append(p.bare, maps.Clone(interaction))
	interaction["description"] = rule.ID + " " + s.Name
	if first.Continues {
		interaction["description"] = rule.ID + " " + s.Name + " (its first request)"
	}
	interaction["comments"] = object{"testname": "features/" + path.Base(s.File), "text": []any{promise(rule)}}
	p.found = append(p.found, interaction)
	return nil
}

// rehearsal is a scenario done with one set of values and one answer.
type rehearsal struct {
	contract.Rehearsal
	documented // the answer
	values     providerstate.Values
	takes      bool // it will do
}

// try does a scenario with an answer and, where the scenario wants another value at one place of its body, with that.
func (p *pact) try(s features.Scenario, values yields, answer documented) (r rehearsal, err error) {
	for range 20 {
		if r, err = p.once(s, values, answer, mediaType); err != nil || r.takes {
			break
		}
		var wanted any
		found := r.Findings[0]
		if decode(found.Expected, &wanted) != nil {
			break
		}
		body, there := changed(answer.body, found.Path, &wanted)
		if !there {
			break
		}
		answer.body = body
	}
	return r, err
}

func (p *pact) once(s features.Scenario, values yields, answer documented, kind string) (rehearsal, error) {
	text, err := json.Marshal(answer.body)
	if err != nil {
		return rehearsal{}, err
	}
	r := rehearsal{documented: answer}
	remember := func(name providerstate.Name, params providerstate.Parameters) providerstate.Values {
		r.values = values(name, params)
		return r.values
	}
	r.Rehearsal, err = p.rehearse(s, remember, exchange.Answer{Status: answer.status, Proto: "HTTP/1.1", Header: textproto.MIMEHeader{"Content-Type": {kind}}, Body: text})
	r.takes = err == nil && len(r.Findings) == 0
	return r, err
}

// one and another are what a provider state may yield.
func one(name providerstate.Name, params providerstate.Parameters) providerstate.Values {
	return yielded(name, params, name == providerstate.Liveness, providerstate.Values{
		Phone: "62647737", CountryCode: "+507", OTP: "135791", WrongOTP: "246802", Token: "the-token-of-the-app-registration",
		Project: "674de8df21c72be3cc42b801", ProjectFlow: "674de8df21c72be3cc42b802", PhoneGateway: "sms",
		ValidationID: "674de8df21c72be3cc42b8a7", AppRegistrationID: "674de8df21c72be3cc42b803",
	})
}

func another(name providerstate.Name, params providerstate.Parameters) providerstate.Values {
	return yielded(name, params, true, providerstate.Values{
		Phone: "31550199", CountryCode: "+44", OTP: "864209", WrongOTP: "975318", Token: "another-token-of-a-registration",
		Project: "5f3a9c0e77d1b2a4e6c8f011", ProjectFlow: "5f3a9c0e77d1b2a4e6c8f012", PhoneGateway: "whatsapp",
		ValidationID: "5f3a9c0e77d1b2a4e6c8f013", AppRegistrationID: "5f3a9c0e77d1b2a4e6c8f014",
	})
}

// yielded returns the values of a state, which are those that a scenario asks for.
func yielded(name providerstate.Name, params providerstate.Parameters, liveness bool, v providerstate.Values) providerstate.Values {
	v.CountryCode, v.PhoneGateway, v.Liveness = cmp.Or(params.CountryCode, v.CountryCode), cmp.Or(params.PhoneGateway, v.PhoneGateway), &liveness
	if name == providerstate.None {
		v.OTP, v.WrongOTP, v.PhoneGateway, v.Liveness, v.ValidationID = "", "", "", nil, ""
	}
	return v
}

// sent is a request as both rehearsals made it.
func sent(a, b rehearsal) (object, error) {
	var bodies [2]any
	if decode(string(a.Request.Body), &bodies[0]) != nil || decode(string(b.Request.Body), &bodies[1]) != nil {
		return nil, errors.New("its request is no JSON")
	}
	place, err := url.Parse(a.Request.URL)
	if err != nil {
		return nil, err
	}
	headers, inHeaders, inBody := object{}, object{}, object{}
	for _, name := range slices.Sorted(maps.Keys(a.Request.Header)) {
		value, generator, ok := written(a, b, a.Request.Header.Get(name), b.Request.Header.Get(name))
		if !ok {
			return nil, errOtherwise
		}
		headers[name] = []any{value}
		if generator != nil {
			inHeaders[name] = generator
		}
	}
	if !generate(a, b, bodies[0], bodies[1], "$", inBody) {
		return nil, errOtherwise
	}
	request := object{
		"method": a.Request.Method, "path": place.Path, "headers": headers,
		"body": object{"content": bodies[0], "contentType": mediaType, "encoded": false},
	}
	withSome(request, "generators", object{"body": inBody, "header": inHeaders})
	return request, nil
}

var errOtherwise = errors.New("its request follows from the state's values in a way that Pact cannot write")

// expected is an answer as the scenario wants it.
func (p *pact) expected(s features.Scenario, a, b rehearsal, statuses map[int]bool) (object, error) {
	response, rules, inHeader, inBody, generators := object{"status": a.status}, object{}, object{}, object{}, object{}
	switch {
	case len(statuses) == 1:
		body := p.expectedBody(s, a, a.body, "$", inBody)
		if !generate(a, b, body, b.body, "$", generators) {
			return nil, errNotOne
		}
		// Pact's verifier for most languages lets the generators of an answer be: what follows the state is held to its type.
		for place := range generators {
			if inBody[place] == nil {
				inBody[place] = matcher(object{"match": "type"})
			}
		}
		response["body"] = object{"content": body, "contentType": mediaType, "encoded": false}
	case a.status < 400: // the lowest
		return nil, errors.New("any answer will do")
	default:
		rules["status"] = matcher(object{"match": "statusCode", "status": "error"})
	}
	if r, _ := p.once(s, one, a.documented, "text/plain"); !r.takes {
		response["headers"] = object{"Content-Type": []any{mediaType}}
		inHeader["Content-Type"] = matcher(object{"match": "regex", "regex": saysJSON})
	}
	rules["body"], rules["header"] = inBody, inHeader
	withSome(response, "matchingRules", rules)
	withSome(response, "generators", object{"body": generators})
	return response, nil
}

// saysJSON is the media types that the contract takes for JSON, with parameters.
const saysJSON = `(?i)^\s*(application/json|[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\+json)\s*(;.*)?$`

// expectedBody is what of a body the scenario looks at, without what may be missing. What may be another value gets a rule.
func (p *pact) expectedBody(s features.Scenario, a rehearsal, body any, place string, rules object) any {
	members, ok := body.(object)
	if !ok {
		if rule := p.rule(s, a, body, place); rule != nil {
			rules[place] = rule
		}
		return body
	}
	kept := object{}
	for name, value := range members {
		if at := member(place, name); !p.with(s, a, at, nil).takes {
			kept[name] = p.expectedBody(s, a, value, at, rules)
		}
	}
	return kept
}

// with does a scenario with another value at a place of its answer, or with none. It takes nothing that is not there.
func (p *pact) with(s features.Scenario, a rehearsal, place string, value *any) (r rehearsal) {
	if body, there := changed(a.body, place, value); there {
		r, _ = p.once(s, one, documented{a.status, body}, mediaType)
	}
	return r
}

// rule says which other values a place of the body may have; nil: none.
func (p *pact) rule(s features.Scenario, a rehearsal, value any, place string) any {
	var otherwise, wanted any
	switch value := value.(type) {
	case string:
		otherwise = "another text"
	case bool:
		otherwise = !value
	case json.Number:
		otherwise = json.Number(value.String() + "1")
	case []any:
		otherwise = []any{}
	}
	r := p.with(s, a, place, &otherwise)
	if len(r.Findings) == 0 {
		var empty any = ""
		if _, text := value.(string); text && r.takes && !p.with(s, a, place, &empty).takes {
			return matcher(object{"match": "type"}, object{"match": "notEmpty"})
		}
		return matcher(object{"match": "type"})
	}
	expected := r.Findings[0].Expected
	if pattern, ok := strings.CutPrefix(expected, "matching "); ok {
		return matcher(object{"match": "regex", "regex": pattern})
	}
	if decode(expected, &wanted) == nil {
		return nil // this very value
	}
	return matcher(object{"match": "type"}) // one of several, or in bounds: Pact has no words for them
}

func matcher(all ...any) object { return object{"combine": "AND", "matchers": all} }

// withSome adds the members that hold something.
func withSome(to object, key string, parts object) {
	maps.DeleteFunc(parts, func(_ string, part any) bool { return len(part.(object)) == 0 })
	if len(parts) > 0 {
		to[key] = parts
	}
}

// generate compares two bodies: where they differ as the values of their states do, a generator writes that. It reports
// whether they differ in no other way.
func generate(a, b rehearsal, ours, theirs any, place string, generators object) bool {
	members, ok := ours.(object)
	if !ok {
		_, generator, ok := written(a, b, ours, theirs)
		if generator != nil {
			generators[place] = generator
		}
		return ok
	}
	others, ok := theirs.(object)
	for name, value := range members {
		other, there := others[name]
		ok = ok && there && generate(a, b, value, other, member(place, name), generators)
	}
	return ok
}

// written returns a value, and the generator that makes it of the state's values; nil: it is always the same. ok is false
// where it follows from them in another way.
func written(a, b rehearsal, ours, theirs any) (value, generator any, ok bool) {
	if reflect.DeepEqual(ours, theirs) {
		return ours, nil, true
	}
	kind := "STRING"
	switch ours := ours.(type) {
	case string:
	case bool:
		kind = "BOOLEAN"
	case json.Number:
		kind = "INTEGER"
		if strings.Contains(ours.String(), ".") {
			kind = "DECIMAL"
		}
	default:
		return nil, nil, false
	}
	expression := templated(fmt.Sprint(ours), a.values)
	if expression != templated(fmt.Sprint(theirs), b.values) {
		return nil, nil, false
	}
	return ours, object{"type": "ProviderState", "expression": expression, "dataType": kind}, true
}

// templated writes the names of a state's values where a text holds them, the longer ones first.
func templated(text string, v providerstate.Values) string {
	var pairs []string
	for _, value := range slices.SortedStableFunc(slices.Values(v.All()), func(a, b providerstate.Value) int { return len(b.Text) - len(a.Text) }) {
		if value.Text != "" {
			pairs = append(pairs, value.Text, "${"+value.Name+"}")
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// member is the JSON path of a member.
func member(place, name string) string {
	if regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
		return place + "." + name
	}
	return place + "['" + name + "']"
}

// changed is a body with another value at a path, or with none. The body itself stays as it is; there is whether it has
// that place.
func changed(body any, place string, value *any) (_ any, there bool) {
	members, ok := body.(object)
	rest, below := strings.CutPrefix(place, "$.")
	if !ok || !below {
		return nil, false
	}
	name, rest, deeper := strings.Cut(rest, ".")
	copied := maps.Clone(members)
	switch {
	case deeper:
		copied[name], there = changed(copied[name], "$."+rest, value)
		return copied, there
	case value == nil:
		delete(copied, name)
	default:
		copied[name] = *value
	}
	return copied, true
}

func decode(text string, into *any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}
