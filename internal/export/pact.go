package export

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
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
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// stateValues returns the values of a provider state.
type stateValues = func(providerstate.Name, providerstate.Parameters) providerstate.Values

// Rehearse does the steps of a scenario without a provider: its state has the values, and its request gets the answer. The
// error says why that cannot be done.
type Rehearse func(ctx context.Context, rule string, steps []string, values stateValues, answer exchange.Answer) (contract.Rehearsal, error)

// Left is the scenarios that a pact leaves out for one reason.
type Left struct {
	Reason    string   `json:"reason"`
	Scenarios []string `json:"scenarios"`
}

// Pact is the contract as Pact's verifier reads it, in version 4 of the specification.
type Pact struct {
	Document     any // for an encoder of JSON
	Interactions int
	LeftOut      []Left
}

// pact is a pact under construction.
type pact struct {
	rehearse     func(s features.Scenario, values stateValues, answer exchange.Answer) (contract.Rehearsal, error)
	answers      []documented
	interactions []object
	known        map[string]bool // interactions as JSON, without their descriptions
}

// documented is an example of a documented answer.
type documented struct {
	status int
	body   any
}

// NewPact makes an interaction of each scenario that is one request to one provider state, by trying it out. The scenario is
// done twice, with two sets of values of its state: where the request follows the values, it is written with them
// (`${phone}`); where it follows them in a way that Pact cannot express, the scenario is left out. Which answer is expected
// is found by giving the scenario the documented answers, and then each of them with one place changed.
func NewPact(ctx context.Context, set *features.Set, declared *schemas.Set, rehearse Rehearse) Pact {
	p := &pact{known: map[string]bool{}, rehearse: func(s features.Scenario, values stateValues, answer exchange.Answer) (contract.Rehearsal, error) {
		steps := group.Map(s.Steps, func(step features.Step) string { return step.Text })
		return rehearse(ctx, s.Rule, steps, values, answer)
	}}
	c := newConverter(declared)
	for _, answer := range declared.Answers() {
		if example, ok := c.example(answer.Schema); ok {
			p.answers = append(p.answers, documented{answer.Status, example})
		}
	}
	var refused []Left
	for _, s := range set.Scenarios {
		rule, _ := set.Rule(s.Rule)
		err := errors.New("the documentation is silent: nothing is expected")
		if rule.Level != "observe" {
			err = p.add(s, rule)
		}
		if err != nil {
			refused = append(refused, Left{err.Error(), []string{s.Rule + " " + s.Name}})
		}
	}
	left := group.Map(group.By(refused, func(l Left) string { return l.Reason }), func(same []Left) Left {
		return Left{same[0].Reason, slices.Concat(group.Map(same, func(l Left) []string { return l.Scenarios })...)}
	})
	return Pact{
		Interactions: len(p.interactions),
		LeftOut:      left,
		Document: object{
			"consumer":     object{"name": "verifik-contract"},
			"provider":     object{"name": path.Base(declared.Endpoint().Path)},
			"interactions": p.interactions,
			"metadata": object{
				"pactSpecification": object{"version": "4.0"},
				"contract":          object{"features": set.Digest(), "schemas": declared.Digest(), "leftOut": left},
			},
		},
	}
}

var errNotOne = errors.New("its answer is one that Pact cannot tell from others")

// add adds the interaction of a scenario. The error says why it has none.
func (p *pact) add(s features.Scenario, rule features.Rule) error {
	var accepted []rehearsal
	statuses := map[int]bool{}
	for _, answer := range p.answers {
		r, err := p.try(s, valuesA, answer)
		if err != nil {
			return err
		}
		if r.accepts {
			accepted, statuses[answer.status] = append(accepted, r), true
		}
	}
	if len(accepted) == 0 {
		return errors.New("it expects none of the answers that a schema has an example of, in \"examples\" or by its constants")
	}
	first := accepted[0]
	again, err := p.try(s, valuesB, first.documented)
	if err != nil || !again.accepts {
		return errNotOne
	}
	request, err := newRequest(first, again)
	if err != nil {
		return err
	}
	response, err := p.newResponse(s, first, again, statuses)
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
	key := text.Value(interaction)
	if p.known[key] {
		return errors.New("another one asks the same")
	}
	p.known[key] = true
	interaction["description"] = rule.ID + " " + s.Name
	if first.Continues {
		interaction["description"] = rule.ID + " " + s.Name + " (its first request)"
	}
	interaction["comments"] = object{"testname": "features/" + path.Base(s.File), "text": []any{promise(rule)}}
	p.interactions = append(p.interactions, interaction)
	return nil
}

// rehearsal is a scenario done with one set of values and one answer.
type rehearsal struct {
	contract.Rehearsal
	documented // the answer
	values     providerstate.Values
	accepts    bool // the scenario has no objection to the answer
}

// try does a scenario with an answer. As long as the scenario asks for another value at one place of the body, it tries again
// with that value.
func (p *pact) try(s features.Scenario, values stateValues, answer documented) (r rehearsal, err error) {
	for range 20 {
		if r, err = p.once(s, values, answer, mediaType); err != nil || r.accepts {
			break
		}
		found := r.Findings[0]
		wanted, unknown := schemas.Decode([]byte(found.Expected))
		body, exists := withChange(answer.body, found.Path, &wanted)
		if unknown != nil || !exists {
			break
		}
		answer.body = body
	}
	return r, err
}

// once does a scenario with an answer of a media type.
func (p *pact) once(s features.Scenario, values stateValues, answer documented, kind string) (rehearsal, error) {
	r := rehearsal{documented: answer}
	remember := func(name providerstate.Name, params providerstate.Parameters) providerstate.Values {
		r.values = values(name, params)
		return r.values
	}
	body := []byte(text.Value(answer.body))
	var err error
	r.Rehearsal, err = p.rehearse(s, remember, exchange.Answer{Status: answer.status, Proto: "HTTP/1.1", Header: textproto.MIMEHeader{"Content-Type": {kind}}, Body: body})
	r.accepts = err == nil && len(r.Findings) == 0
	return r, err
}

// valuesA and valuesB return two sets of values that a provider state may have.
func valuesA(name providerstate.Name, params providerstate.Parameters) providerstate.Values {
	return valuesOf(name, params, name == providerstate.Liveness, providerstate.Values{
		Phone: "62647737", CountryCode: "+507", OTP: "135791", WrongOTP: "246802", Token: "the-token-of-the-app-registration",
		Project: "674de8df21c72be3cc42b801", ProjectFlow: "674de8df21c72be3cc42b802", PhoneGateway: "sms",
		ValidationID: "674de8df21c72be3cc42b8a7", AppRegistrationID: "674de8df21c72be3cc42b803",
	})
}

func valuesB(name providerstate.Name, params providerstate.Parameters) providerstate.Values {
	return valuesOf(name, params, true, providerstate.Values{
		Phone: "31550199", CountryCode: "+44", OTP: "864209", WrongOTP: "975318", Token: "another-token-of-a-registration",
		Project: "5f3a9c0e77d1b2a4e6c8f011", ProjectFlow: "5f3a9c0e77d1b2a4e6c8f012", PhoneGateway: "whatsapp",
		ValidationID: "5f3a9c0e77d1b2a4e6c8f013", AppRegistrationID: "5f3a9c0e77d1b2a4e6c8f014",
	})
}

// valuesOf returns the values of a state, with the parameters that a scenario asks for.
func valuesOf(name providerstate.Name, params providerstate.Parameters, liveness bool, v providerstate.Values) providerstate.Values {
	v.CountryCode, v.PhoneGateway, v.Liveness = cmp.Or(params.CountryCode, v.CountryCode), cmp.Or(params.PhoneGateway, v.PhoneGateway), &liveness
	if name == providerstate.None {
		v.OTP, v.WrongOTP, v.PhoneGateway, v.Liveness, v.ValidationID = "", "", "", nil, ""
	}
	return v
}

// newRequest returns the request of both rehearsals.
func newRequest(a, b rehearsal) (object, error) {
	ours, wrong := schemas.Decode(a.Request.Body)
	theirs, other := schemas.Decode(b.Request.Body)
	if wrong != nil || other != nil {
		return nil, errors.New("its request is not JSON")
	}
	headers, inHeaders, inBody := object{}, object{}, object{}
	for _, name := range slices.Sorted(maps.Keys(a.Request.Header)) {
		if name == "Accept" {
			continue // undocumented: clients send what they like
		}
		value, generator, ok := generatorOf(a, b, a.Request.Header.Get(name), b.Request.Header.Get(name))
		if !ok {
			return nil, errNotExpressible
		}
		headers[name] = []any{value}
		if generator != nil {
			inHeaders[name] = generator
		}
	}
	if !generators(a, b, ours, theirs, "$", inBody) {
		return nil, errNotExpressible
	}
	request := object{
		"method": a.Request.Method, "path": a.Request.URL, "headers": headers,
		"body": object{"content": ours, "contentType": mediaType, "encoded": false},
	}
	withSome(request, "generators", object{"body": inBody, "header": inHeaders})
	return request, nil
}

var errNotExpressible = errors.New("its request follows from the state's values in a way that Pact cannot write")

// newResponse returns the answer that a scenario expects. statuses are those that it accepts.
func (p *pact) newResponse(s features.Scenario, a, b rehearsal, statuses map[int]bool) (object, error) {
	response, rules, inHeader, inBody, generated := object{"status": a.status}, object{}, object{}, object{}, object{}
	switch {
	case len(statuses) == 1:
		body := p.expectedBody(s, a, a.body, "$", inBody)
		if !generators(a, b, body, b.body, "$", generated) {
			return nil, errNotOne
		}
		// Pact's verifier of most languages ignores the generators of an answer: of what follows the state, only the type is
		// checked.
		for place := range generated {
			if inBody[place] == nil {
				inBody[place] = matcher(object{"match": "type"})
			}
		}
		response["body"] = object{"content": body, "contentType": mediaType, "encoded": false}
	case a.status < 400: // the lowest of the statuses
		return nil, errors.New("any answer will do")
	default:
		rules["status"] = matcher(object{"match": "statusCode", "status": "error"})
	}
	if r, _ := p.once(s, valuesA, a.documented, "text/plain"); !r.accepts {
		response["headers"] = object{"Content-Type": []any{mediaType}}
		inHeader["Content-Type"] = matcher(object{"match": "regex", "regex": saysJSON})
	}
	rules["body"], rules["header"] = inBody, inHeader
	withSome(response, "matchingRules", rules)
	withSome(response, "generators", object{"body": generated})
	return response, nil
}

// saysJSON matches the media types that the contract accepts as JSON, with parameters.
const saysJSON = `(?i)^\s*(application/json|[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\+json)\s*(;.*)?$`

// expectedBody returns a body without the members that may be missing. Values that may differ get a matching rule.
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
		if at := member(place, name); !p.tryWith(s, a, at, nil).accepts {
			kept[name] = p.expectedBody(s, a, value, at, rules)
		}
	}
	return kept
}

// tryWith does a scenario with another value at a place of its answer; nil: without that place.
func (p *pact) tryWith(s features.Scenario, a rehearsal, place string, value *any) (r rehearsal) {
	if body, exists := withChange(a.body, place, value); exists {
		r, _ = p.once(s, valuesA, documented{a.status, body}, mediaType)
	}
	return r
}

// rule returns the matching rule for a place of the body; nil if it has to have this very value.
func (p *pact) rule(s features.Scenario, a rehearsal, value any, place string) any {
	var otherwise any
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
	r := p.tryWith(s, a, place, &otherwise)
	if len(r.Findings) == 0 {
		var empty any = ""
		if _, text := value.(string); text && r.accepts && !p.tryWith(s, a, place, &empty).accepts {
			return matcher(object{"match": "type"}, object{"match": "notEmpty"})
		}
		return matcher(object{"match": "type"})
	}
	expected := r.Findings[0].Expected
	if pattern, ok := strings.CutPrefix(expected, "matching "); ok {
		return matcher(object{"match": "regex", "regex": pattern})
	}
	if _, err := schemas.Decode([]byte(expected)); err == nil {
		return nil
	}
	return matcher(object{"match": "type"}) // one of several, or within bounds, which Pact cannot express
}

func matcher(all ...any) object { return object{"combine": "AND", "matchers": all} }

// withSome adds those of the parts that are not empty, under a key, if there are any.
func withSome(to object, key string, parts object) {
	maps.DeleteFunc(parts, func(_ string, part any) bool { return len(part.(object)) == 0 })
	if len(parts) > 0 {
		to[key] = parts
	}
}

// generators compares two bodies, and adds a generator to found for each place at which they differ as the values of their
// states do. It reports whether they differ in no other way.
func generators(a, b rehearsal, ours, theirs any, place string, found object) bool {
	members, ok := ours.(object)
	if !ok {
		_, generator, ok := generatorOf(a, b, ours, theirs)
		if generator != nil {
			found[place] = generator
		}
		return ok
	}
	others, ok := theirs.(object)
	for name, value := range members {
		other, exists := others[name]
		ok = ok && exists && generators(a, b, value, other, member(place, name), found)
	}
	return ok
}

// generatorOf returns a value, and the generator that makes it from the state's values; nil if it is always the same. ok is
// false if it follows from them in another way.
func generatorOf(a, b rehearsal, ours, theirs any) (value, generator any, ok bool) {
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

// templated returns a text with a state's values replaced by their names, the longest first.
func templated(text string, v providerstate.Values) string {
	var pairs []string
	for _, value := range slices.SortedStableFunc(slices.Values(v.All()), func(a, b providerstate.Value) int { return len(b.Text) - len(a.Text) }) {
		if value.Text != "" {
			pairs = append(pairs, value.Text, "${"+value.Name+"}")
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// member returns the JSON path of a member.
func member(place, name string) string {
	if regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
		return place + "." + name
	}
	return place + "['" + name + "']"
}

// withChange returns a copy of a body with another value at a path; nil: without it. exists is whether the body has that
// path.
func withChange(body any, place string, value *any) (_ any, exists bool) {
	members, ok := body.(object)
	rest, below := strings.CutPrefix(place, "$.")
	if !ok || !below {
		return nil, false
	}
	name, rest, deeper := strings.Cut(rest, ".")
	copied := maps.Clone(members)
	switch {
	case deeper:
		copied[name], exists = withChange(copied[name], "$."+rest, value)
		return copied, exists
	case value == nil:
		delete(copied, name)
	default:
		copied[name] = *value
	}
	return copied, true
}
