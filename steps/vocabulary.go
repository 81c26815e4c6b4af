package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
)

// Step is one expression of the vocabulary.
type Step struct {
	Expression *regexp.Regexp
	Doc        string
	Cost       costFunc // nil: no cost
	Expects    bool     // it looks at what the request led to
	Follows    bool     // it waits for what a request led to
	Do         stepFunc
	Wrong      func(args []string) string // what is wrong with its arguments; "": nothing; nil: any are right
	Unknown    func(text string) string   // what is wrong with a text that is nearly this step; "": it is not; nil: none is
}

// Text returns the expression as a person reads it.
func (s Step) Text() string {
	return readable.Replace(strings.TrimSuffix(strings.TrimPrefix(s.Expression.String(), "(?s)^"), "$"))
}

// readable replaces the parts of a regular expression that a person does not need.
var readable = strings.NewReplacer(providerstate.Form, alternatives(stateNames()), `(?:(?:, | and )`, `( and `, `(?:`, `(`, `(.*)`, `...`, `(.+)`, `...`,
	`([^"]*)`, `...`, `([^"]+)`, `...`, `(\d{1,2})`, `N`, `(\d{1,3})`, `N`, `\`, ``)

// Meaning is what a text of a scenario means by one step.
type Meaning struct {
	Step *Step
	Args []string // the texts that its expression captures
	Cost Cost
}

// Meanings returns what a text means by each step of a table that matches it: one, unless the table or the text is wrong.
func Meanings(table []Step, text string) (all []Meaning) {
	for _, step := range group.Pointers(table) {
		groups := step.Expression.FindStringSubmatch(text)
		if groups == nil {
			continue
		}
		m := Meaning{Step: step, Args: groups[1:]}
		if step.Cost != nil {
			m.Cost = step.Cost(m.Args)
		}
		all = append(all, m)
	}
	return all
}

// Cost is what a step calls and needs.
type Cost struct {
	Needs     []state.Request // provider states that it makes
	Calls     int             // PUTs to the endpoint under contract
	ReadBacks int             // documented GET calls
	Webhook   bool            // it awaits a notification
	Values    []string        // optional values that it needs of the scenario's own state
	Other     []string        // and of the state beside it
}

func onePut([]string) Cost { return Cost{Calls: 1} }

func countedPuts(args []string) Cost { return Cost{Calls: number(args[0])} }

// needsValue returns the cost of a step that needs the value of the state that one of its arguments names.
func needsValue(at int) costFunc {
	return func(args []string) Cost { return Cost{Values: []string{valueName(args[at])}} }
}

// reads returns the cost of reading back what the words say, of the scenario's own state or of the other one.
func reads(what, other string) Cost {
	id := providerstate.AppRegistrationID
	if what == theStatus {
		id = providerstate.ValidationID
	}
	if other != "" {
		return Cost{ReadBacks: 1, Other: []string{id}}
	}
	return Cost{ReadBacks: 1, Values: []string{id}}
}

// Table returns the vocabulary of a declared contract: every expression that a feature may use.
func Table(checks contract.Checks) []Step {
	sending := requests(checks)
	stateful := append(sending, answers(checks)...)
	for i, step := range stateful {
		stateful[i].Expects = i >= len(sending)
		stateful[i].Do = func(ctx context.Context, w *World, args []string) error {
			if w.values.Phone == "" {
				return errors.New(`no provider state was made before: begin with "there is a pending phone validation", or with another`)
			}
			return step.Do(ctx, w, args)
		}
	}
	return append(states(), stateful...)
}

// costFunc returns the cost of a step, and stepFunc does the step, by its arguments.
type (
	costFunc func(args []string) Cost
	stepFunc func(ctx context.Context, w *World, args []string) error
)

// step returns a step of the vocabulary. The arguments of its expression may hold line breaks, as a cell of a table may. The
// cost may be nil.
func step(text, doc string, cost costFunc, do stepFunc) Step {
	return Step{Expression: regexp.MustCompile("(?s)^" + text + "$"), Doc: doc, Cost: cost, Do: do}
}

// withArgsCheck returns the step with a check of its arguments.
func (s Step) withArgsCheck(wrong func(args []string) string) Step {
	s.Wrong = wrong
	return s
}

// afterRequest returns the step as one that works only after a request.
func (s Step) afterRequest() Step {
	s.Follows = true
	return s
}

// states returns the steps that say what there is before the request.
func states() []Step {
	there := makeStep(`there is (`+providerstate.Form+`)(?: for country code "([^"]*)")?(?: delivered by "([^"]*)")?`,
		"makes a provider state; the scenario's requests are about its phone, with its token. The contract's own: "+strings.Join(stateNames(), ", ")+", and the expired one with a webhook, and the one with face liveness recommended and a webhook; the source is asked for one of another name as it stands. With a country code, or delivered by sms, whatsapp or none, a source that makes another skips the scenario",
		func(args []string) state.Request {
			request := stateOf(args[0])
			request.CountryCode, request.PhoneGateway = args[1], args[2]
			return request
		},
	).withArgsCheck(func(args []string) string { return whyNotState(args[0]) })
	there.Unknown = func(text string) string { return suggestion(text, "there is ", stateNames()) }
	return []Step{
		there,
		makeStep(`there is another app registration(?: for country code "([^"]*)")?`,
			"makes a second app registration, with a token of its own",
			func(args []string) state.Request {
				return state.Request{Name: providerstate.None, Beside: true, CountryCode: args[0]}
			}),
		makeStep(`there is another (pending phone validation|pending phone validation with face liveness recommended)`,
			"makes a second pending phone validation, for another phone and with an OTP of its own",
			func(args []string) state.Request {
				return state.Request{Name: providerstate.Name("a " + args[0]), Beside: true}
			}),
		step(`the (id|project|project flow|gateway|face liveness recommendation) of the validation is known`,
			"skips the scenario if the state does not yield it",
			needsValue(0),
			func(_ context.Context, w *World, args []string) error {
				_, err := w.known(args[0])
				return err
			}),
		step(`(the status of the|the link of the) (other )?(?:validation|app registration) can be read`,
			"reads it back once before the OTP is typed; skips the scenario if that does not work, or if it is already as a success would make it",
			func(args []string) Cost { return reads(args[0], args[1]) },
			func(ctx context.Context, w *World, args []string) error {
				return w.readBefore(ctx, w.readback(args[0], args[1]))
			}),
		step(`what can be read of the validation is looked at`,
			"reads its status and its link back once before the OTP is typed, if the state yields their ids",
			func([]string) Cost { return Cost{ReadBacks: 2} },
			func(ctx context.Context, w *World, _ []string) error { return w.readAllBefore(ctx) }),
	}
}

// makeStep returns a step that makes the state that its arguments ask for.
func makeStep(text, doc string, wanted func(args []string) state.Request) Step {
	return step(text, doc,
		func(args []string) Cost {
			return Cost{Needs: []state.Request{wanted(args)}, Webhook: wanted(args).Notified()}
		},
		func(ctx context.Context, w *World, args []string) error {
			request := wanted(args)
			values, err := w.makeState(ctx, request.Notified())
			if request.Name == providerstate.Liveness && values.Liveness == nil { // a source may not say what it was asked for
				values.Liveness = new(true)
			}
			if request.Beside {
				w.other, w.otherPending = values, request.Name.IsPending()
				return err
			}
			w.values, w.pending = values, request.Name.IsPending()
			w.values.PhoneGateway = cmp.Or(values.PhoneGateway, request.PhoneGateway) // a source that yields no gateway counts as having honoured it
			return err
		})
}

// requests returns the steps that shape the request, those that send it, and the one that expects nothing of the answer.
func requests(checks contract.Checks) []Step {
	typed := []string{"the right OTP", "the right OTP in quotation marks", "a wrong OTP", "the OTP of the other validation", "any OTP"}
	typed = append(typed, group.Map(contract.Wrongs(), func(way contract.Wrong) string { return way.Words })...)
	typed = append(typed, group.Map(contract.NoOTPs(), func(thing contract.NoOTP) string { return thing.Words })...)
	person := step(`the person types (`+alternatives(typed)+`)`, "sends the request with this OTP, or with something other than an OTP", onePut, types)
	person.Unknown = func(text string) string { return suggestion(text, "the person types ", typed) }
	return []Step{
		step(`the phone is written with (a space in front|a space at the end|a space inside|several spaces inside|two spaces side by side|spaces everywhere|dashes|dots|parentheses|a leading zero|a tab inside|a no-break space inside)`,
			"writes the phone in another way",
			nil, parameterStep("phone", (*World).writtenPhone)),
		step(`the country code is written "(.*)"`,
			"sends this country code, character by character, instead of the validation's own",
			nil, parameterStep("countryCode", func(_ *World, code string) (string, error) { return code, nil })),
		step(`the country code is another one of (as many|another number of) digits`,
			"sends a country code under which this phone has no validation",
			nil, parameterStep("countryCode", (*World).otherCountryCode)),
		step(`the country code is its own (without the first digit|without the last digit|with another first digit|and a digit more|without its plus|and three digits more|and a line break)`,
			"sends a country code that begins or ends like the validation's own, and under which this phone has no validation; without its plus, or with three digits or a line break more, it is malformed",
			nil, parameterStep("countryCode", (*World).nearCountryCode)),
		step(`the phone is (another one|another one that ends alike|another one that begins alike|another one that begins and ends alike|its own without the first digit|its own without the last digit|its own with a digit before it|its own and a digit more|its own with (?:a percent sign|an underscore|a point) for its last digit)`,
			"sends a phone that has no validation",
			nil, parameterStep("phone", (*World).otherPhone)),
		step(`a digit moves from the (phone's front to the country code's end|country code's end to the phone's front)`,
			"sends a country code and a phone that are, one after the other, the same digits as the validation's",
			nil, func(_ context.Context, w *World, args []string) error { return w.moveDigit(args[0]) }),
		step(`the request names the other app registration's (project|project flow)`,
			"adds the optional parameter with a value that exists and is not the validation's own; skips the scenario if the two are not known, or the same",
			func(args []string) Cost {
				return Cost{Values: []string{valueName(args[0])}, Other: []string{valueName(args[0])}}
			},
			func(_ context.Context, w *World, args []string) error {
				return w.addOption(args[0], w.otherRegistrationValue)
			}),
		step(`the request names (the validation's own|another) (project|project flow|gateway)`,
			"adds the optional parameter, with the validation's own value or another; skips the scenario if its own value is needed and not known",
			func(args []string) Cost {
				if args[0] == "another" && args[1] != "gateway" {
					return Cost{}
				}
				return needsValue(1)(args)
			},
			func(_ context.Context, w *World, args []string) error {
				if args[0] == "another" {
					return w.addOption(args[1], w.madeUpValue)
				}
				return w.addOption(args[1], w.known)
			}),
		step(`the request names all that is known of the validation`,
			"adds each optional parameter whose own value the state yields",
			nil, func(_ context.Context, w *World, _ []string) error {
				w.nameKnown("project", "project flow", "gateway")
				return nil
			}),
		step(`the request names the validation's own (project|project flow|gateway), if it is known`,
			"adds the optional parameter if the state yields its own value",
			nil, func(_ context.Context, w *World, args []string) error {
				w.nameKnown(args[0])
				return nil
			}),
		step(`the request names another (project|project flow) that (begins alike|ends alike|begins with its own)`,
			"adds the optional parameter with a value that differs from the validation's own in the last character or the first, or has more behind it; skips the scenario if that is not known",
			needsValue(0),
			func(_ context.Context, w *World, args []string) error {
				return w.addOption(args[0], func(words string) (string, error) {
					own, err := w.known(words)
					if args[1] == "begins with its own" {
						w.draft.undocumented = true // a provider may check the form of an id
						return own + "x", err
					}
					return nearValue(own, args[1] == "begins alike"), err
				})
			}),
		step(`the request leaves out (`+parameters(checks)+`)`,
			"sends the request without these parameters",
			nil, draftStep(func(d *draft, args []string) { d.without = list(args[0]) })),
		step(`the request gives "([^"]+)" as (.+)`,
			"sends a parameter with a value of any kind, written as JSON",
			nil, draftStep(func(d *draft, args []string) {
				d.set(args[0], args[1])
				d.undocumented = d.undocumented || !checks.Lists(args[0], args[1])
			}),
		).withArgsCheck(func(args []string) string { return whyNotJSON(args[1]) }),
		step(`the OTP is the (first|middle|last) of the parameters`,
			"sends the OTP at this place among the parameters",
			nil, draftStep(func(d *draft, args []string) { d.otpPosition = args[0] })),
		step(`the parameters stand the other way round`,
			"sends the parameters in the opposite order",
			nil, draftStep(func(d *draft, _ []string) { d.backwards = true })),
		step(`the request is laid out (`+alternatives(slices.Sorted(maps.Keys(layouts())))+`)`,
			"writes the same JSON in another way",
			nil, draftStep(func(d *draft, args []string) { d.layout = layouts()[args[0]] })),
		step(`the request is as documented again`,
			"undoes all changes to the request: the next one is the documentation's example, with the state's values and token",
			nil, draftStep(func(d *draft, _ []string) { *d = draft{} })),
		step(`it is the other person's turn`,
			"what follows is about the other validation, or the other app registration, with its own values and token",
			nil, func(_ context.Context, w *World, _ []string) error {
				w.values, w.other, w.swapped, w.draft = w.other, w.values, !w.swapped, draft{}
				w.pending, w.otherPending = w.otherPending, w.pending
				return skipIf(w.values.Phone == "", "there is no other app registration")
			}),
		step(`the request comes (`+alternatives(group.Map(credentials(), func(c credential) string { return c.words }))+`)`,
			"sends the request without the app registration's own token",
			nil, func(_ context.Context, w *World, args []string) error { return w.credential(args[0]) }),
		step(`the request declares (no content type|the content type "([^"]*)")`,
			"sends the request with another content type than application/json, or with none",
			nil, draftStep(func(d *draft, args []string) { d.contentType = &args[1] }),
		).withArgsCheck(func(args []string) string { return whyNotHeader(args[1]) }),

		step(`things have settled`,
			"waits until what the last request may do late is done",
			nil, func(ctx context.Context, w *World, _ []string) error { return w.settle(ctx) }).afterRequest(),

		// These send the request.
		person,
		step(`the person types the right OTP (\d{1,3}) times at once`,
			"sends the same request many times at once and records how many were accepted",
			countedPuts, times((*World).typeAtOnce)),
		step(`the person types wrong OTPs, (\d{1,2}) at most`,
			"sends wrong OTPs until the answer changes and records when it did",
			countedPuts, times((*World).typeWrongUntilChange)),
		step(`the person types wrong OTPs until one is accepted, (\d{1,2}) at most`,
			"sends wrong OTPs even after the provider has refused several, until it accepts one or answers 429",
			countedPuts, times((*World).typeWrongUntilAccepted)),
		step(`(text that is not JSON|nothing|a list|a deeply nested object|an object of one mebibyte) is sent instead of a request`,
			"sends something that is no request at all",
			onePut, func(ctx context.Context, w *World, args []string) error { return w.put(ctx, malformed(args[0])) }),
		step(`the answer is recorded`,
			"records the answer, whatever it is: the documentation is silent",
			nil, func(_ context.Context, w *World, _ []string) error {
				e, err := w.judged()
				if err == nil {
					w.Observations = append(w.Observations, contract.Observe(e, ""))
				}
				return err
			}),
	}
}

// answers returns the steps that expect something.
func answers(checks contract.Checks) []Step {
	documented := step(`the answer is that (`+alternatives(checks.Words())+`)`,
		"expects this documented answer, with its status and a body that fits its schema",
		nil, expect(func(w *World, e exchange.Exchange, args []string) ([]contract.Finding, error) {
			return w.Checks.Refused(e, w.Checks.AnswerByWords(args[0])), nil
		}))
	documented.Unknown = func(text string) string {
		worded, ok := strings.CutPrefix(text, "the answer is that ")
		if !ok {
			return ""
		}
		return cmp.Or(suggestion(text, "the answer is that ", checks.Words()), fmt.Sprintf("no schema has an answer of the words %q", worded)) + "\nThe answers: " + strings.Join(checks.Words(), ", ") + "."
	}
	return []Step{
		step(`the phone is validated`,
			"expects 200 and, of the documented body, what the scenario's rule promises; the rest of it is judged on every success",
			nil, expect(func(w *World, e exchange.Exchange, _ []string) ([]contract.Finding, error) {
				return w.Checks.Accepted(e, w.Rule), nil
			})),
		step(`the answer names the validation's own id`,
			"expects the success to carry the id that the state yields; skips the scenario if it yields none",
			func([]string) Cost { return Cost{Values: []string{providerstate.ValidationID}} },
			expect(func(w *World, e exchange.Exchange, _ []string) ([]contract.Finding, error) {
				id, err := w.known("id")
				if err != nil {
					return nil, err
				}
				return w.Checks.OwnID(e, id), nil
			})),
		step(`the answer recommends face liveness( where the validation's flow does)?`,
			"expects the success to recommend face liveness, or to do so exactly if the state says that its flow does",
			func(args []string) Cost {
				if args[0] == "" {
					return Cost{}
				}
				return Cost{Values: []string{providerstate.FaceLiveness}}
			},
			expect(func(w *World, e exchange.Exchange, args []string) ([]contract.Finding, error) {
				if _, err := w.known("face liveness recommendation"); args[0] != "" && err != nil {
					return nil, err
				}
				findings, silent := w.Checks.Liveness(e, args[0] == "" || *w.values.Liveness)
				return findings, skipIf(silent, "the answer does not say whether it recommends face liveness")
			})),
		documented,
		step(`the answer is that (`+parameters(checks)+`) (?:is|are) missing`,
			"expects the documented error answer that names exactly these parameters",
			nil, expect(func(w *World, e exchange.Exchange, args []string) ([]contract.Finding, error) {
				return w.Checks.Missing(e, list(args[0])), nil
			})),
		step(`nothing is found`,
			"expects the status for nothing found, with any code, and exactly the two fields of an error",
			nil, expect(func(w *World, e exchange.Exchange, _ []string) ([]contract.Finding, error) {
				return w.Checks.NothingFound(e), nil
			})),
		step(`(the request is refused|the OTP is not accepted)`,
			"expects any answer but a success: the documentation does not show which",
			nil, func(_ context.Context, w *World, args []string) error {
				e, err := w.judged()
				if err == nil && e.Answer != nil {
					w.find(w.last, w.Checks.NotAccepted(e, args[0])...)
				}
				return err
			}),
		step(`the status of the (other )?validation is (validated|still validated|not validated)`,
			"reads the validation back, and again when things have settled, and expects its status each time",
			func(args []string) Cost { return reads(theStatus, args[0]) },
			func(ctx context.Context, w *World, args []string) error {
				return w.expectRead(ctx, w.readback(theStatus, args[0]), args[1] != "not validated")
			}),
		step(`the (other )?app registration is (linked|not linked) to (?:the|a) validation`,
			"reads the app registration back, and again when things have settled, and expects its link each time",
			func(args []string) Cost { return reads(theLink, args[0]) },
			func(ctx context.Context, w *World, args []string) error {
				return w.expectRead(ctx, w.readback(theLink, args[0]), args[1] == "linked")
			}),
		step(`nothing that can be read of it tells of a success`,
			"reads again what was looked at before, and once more when things have settled, and expects neither the status nor the link of a success",
			func([]string) Cost { return Cost{ReadBacks: 2} },
			func(ctx context.Context, w *World, _ []string) error { return w.expectUnchanged(ctx) }),
		step(`no notification tells of a success`,
			"looks at the notifications that have come when things have settled, and again at the end of the run, and expects none that says validated",
			nil, func(ctx context.Context, w *World, _ []string) error { return w.notNotified(ctx) }).afterRequest(),
		step(`a notification tells of the validation`,
			"waits for a notification that comes after the OTP was typed, names the validation and holds neither OTP nor token",
			nil, func(ctx context.Context, w *World, _ []string) error { return w.notified(ctx) }).afterRequest(),
	}
}

// expect returns a step that checks the last answer.
func expect(check func(*World, exchange.Exchange, []string) ([]contract.Finding, error)) stepFunc {
	return func(_ context.Context, w *World, args []string) error {
		e, err := w.judged()
		if err != nil || e.Answer == nil { // only an observed scenario comes here without an answer
			return err
		}
		if failure := w.Checks.Unanswered(e); failure != nil && !w.Observed {
			return failure
		}
		findings, err := check(w, e, args)
		w.find(w.last, findings...)
		return err
	}
}

// draftStep returns a step that changes the request.
func draftStep(change func(d *draft, args []string)) stepFunc {
	return func(_ context.Context, w *World, args []string) error {
		change(&w.draft, args)
		return nil
	}
}

// parameterStep returns a step that sets a parameter to a text, by the words of the step.
func parameterStep(parameter string, value func(w *World, how string) (string, error)) stepFunc {
	return func(_ context.Context, w *World, args []string) error {
		text, err := value(w, args[0])
		w.draft.set(parameter, quoted(text))
		return err
	}
}

// times returns a step that does something as often as its argument says.
func times(do func(w *World, ctx context.Context, times int) error) stepFunc {
	return func(ctx context.Context, w *World, args []string) error { return do(w, ctx, number(args[0])) }
}

// types sends the request with what a person types.
func types(ctx context.Context, w *World, args []string) error {
	otp, err := w.typed(args[0])
	if err != nil {
		return err
	}
	return w.put(ctx, w.body(otp))
}

// stateOf returns the state that words ask for. The expired one with a webhook has no name, nor has the one with face liveness
// and a webhook: a parameter asks for the webhook.
func stateOf(words string) state.Request {
	if name, notifies := strings.CutSuffix(words, " and a webhook"); notifies && providerstate.Name(name) == providerstate.Liveness {
		return state.Request{Name: providerstate.Liveness, Notifies: true}
	}
	name, notifies := strings.CutSuffix(words, " with a webhook")
	if notifies && providerstate.Name(name) == providerstate.Expired {
		return state.Request{Name: providerstate.Expired, Notifies: true}
	}
	return state.Request{Name: providerstate.Name(words), Notifies: notifies && providerstate.Name(words) != providerstate.Webhook}
}

// whyNotState says what is wrong with the name of a state; "" for the contract's own, and for one that resembles none of these.
func whyNotState(name string) string {
	for _, parameter := range []string{" for country code ", " delivered by "} {
		if own, value, asks := strings.Cut(name, parameter); asks {
			return fmt.Sprintf("write there is %s%s%q", own, parameter, value)
		}
	}
	return suggestion("there is "+name, "there is ", stateNames())
}

func stateNames() []string {
	return group.Map(providerstate.Names(), func(name providerstate.Name) string { return string(name) })
}

// parameters returns the expression of a list of required parameters: "phone, countryCode and otp".
func parameters(checks contract.Checks) string {
	one := `(?:` + alternatives(checks.Endpoint().Required) + `)`
	return one + `(?:(?:, | and )` + one + `)*`
}

func alternatives(words []string) string {
	return strings.Join(group.Map(words, regexp.QuoteMeta), "|")
}

// suggestion asks whether another step was meant, of the same beginning and one of the known words. It returns "" if the step is
// one of these, or near none.
func suggestion(step, beginning string, known []string) string {
	rest, begins := strings.CutPrefix(step, beginning)
	if begins && slices.Contains(known, rest) { // as nearly all are, and looking for the nearest is slow
		return ""
	}
	near := text.Nearest(rest, known)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("%q is unknown: did you mean %q?", step, beginning+near)
}

// number converts digits that an expression captured.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
