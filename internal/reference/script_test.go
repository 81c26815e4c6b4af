package reference

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A script is a fixed series of calls that shows what a provider does, once byte for byte (to tell a fault from the
// plain provider) and once as no more than what is promised (to tell that a variant keeps it).

// shown is the outcome of one line of the script.
type shown struct {
	rule     string
	name     string
	exact    string // everything that can be seen
	promised string // what the documentation promises of it
}

type script struct {
	*bench
	t     *testing.T
	lines []shown
}

type step struct {
	rule, name string
	run        func(s *script, note func(exact, promised string))
}

func (b *bench) play(t *testing.T, steps []step) []shown {
	t.Helper()
	s := &script{bench: b, t: t}
	for _, st := range steps {
		st.run(s, func(exact, promised string) {
			s.lines = append(s.lines, shown{st.rule, st.name, exact, promised})
		})
	}
	return s.lines
}

// mask replaces what differs from run to run. Phones do not: each bench begins with the same one.
func mask(s string, all ...values) string {
	for i, v := range all {
		for name, value := range map[string]string{"token": v.Token, "validation": v.ValidationID, "registration": v.AppRegistrationID} {
			if value != "" {
				s = strings.ReplaceAll(s, value, fmt.Sprintf("<%s %d>", name, i))
				s = strings.ReplaceAll(s, value[:len(value)-1], fmt.Sprintf("<%s %d cut>", name, i))
			}
		}
		if v.OTP != 0 {
			otp := strconv.Itoa(v.OTP)
			s = strings.ReplaceAll(s, otp, fmt.Sprintf("<otp %d>", i))
			s = strings.ReplaceAll(s, base64.StdEncoding.EncodeToString([]byte(otp)), "<otp as base64>")
			s = strings.ReplaceAll(s, hex.EncodeToString([]byte(otp)), "<otp as hex>")
		}
	}
	return s
}

func (r reply) exact() string {
	if r.err != nil {
		return "no answer: " + r.err.Error()
	}
	h := maps.Clone(r.header)
	for _, name := range []string{"Date", "Content-Length", "X-Request-Id", "Server-Timing"} {
		if name != "Content-Length" || h.Get(name) == strconv.Itoa(len(r.body)) {
			delete(h, name)
		}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		lines = append(lines, name+": "+strings.Join(h[name], " | "))
	}
	return fmt.Sprintf("%d %q %q", r.status, lines, r.body)
}

func (r reply) promised() string {
	var fields map[string]any
	if json.Unmarshal([]byte(r.body), &fields) != nil || !strings.Contains(strings.ToLower(r.header.Get("Content-Type")), "json") {
		return "not JSON: " + r.exact()
	}
	if data, ok := fields["data"].(map[string]any); ok && r.status == http.StatusOK {
		return fmt.Sprint(r.status, data["_id"], data["status"], data["countryCode"], data["phone"], data["type"])
	}
	return fmt.Sprint(r.status, fields)
}

func (r reply) refused() string {
	return fmt.Sprint("2xx: ", r.status/100 == 2)
}

// The script's steps. Each notes what it shows.

func rightOTP(rule, name string, change func(v *values, more *[]string), params ...string) step {
	return step{rule, name, func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending, params...)
		sent, more := v, []string(nil)
		if change != nil {
			change(&sent, &more)
		}
		r := s.putBody(v, sent.request(strconv.Itoa(sent.OTP), more...))
		note(mask(r.exact(), v), mask(r.promised(), v))
	}}
}

func refused(rule, name, state string, body func(v values) string) step {
	return step{rule, name, func(s *script, note func(string, string)) {
		v := s.state(s.t, state)
		r := s.putBody(v, body(v))
		note(mask(r.exact(), v), mask(r.promised(), v))
	}}
}

// readingBack shows status and link before and after an OTP.
func readingBack(rule, name, state string, otp func(values) int) step {
	return step{rule, name, func(s *script, note func(string, string)) {
		v := s.state(s.t, state)
		see := func() string {
			return fmt.Sprint(s.status(v), " ", s.status(v), " ", s.link(v, ""), " ", s.link(v, populated))
		}
		before := see()
		s.put(v, otp(v))
		after := see()
		s.late.Wait()
		after += " and " + see()
		linked := strings.Contains(fmt.Sprint(s.link(v, ""), s.link(v, populated)), v.ValidationID)
		validated := []bool{s.status(v) == statusValidated, s.status(v) == statusValidated}
		if rule != "PV-13" {
			linked = true // it may have been linked before
		}
		note(mask(before+" then "+after, v), fmt.Sprint(validated, linked))
	}}
}

// otherDigits returns a number of the same length with every digit changed.
func otherDigits(n int) int {
	other := []byte(strconv.Itoa(n))
	for i, digit := range other {
		if other[i] = digit + 1; digit == '9' {
			other[i] = '1'
		}
	}
	all, _ := strconv.Atoi(string(other))
	return all
}

func writtenScript() []step {
	right := func(v values) int { return v.OTP }
	wrong := func(v values) int { return v.WrongOTP }
	withOTP := func(f func(values) int) func(values) string {
		return func(v values) string { return v.request(strconv.Itoa(f(v))) }
	}
	spaced := func(f func(string) string) func(*values, *[]string) {
		return func(v *values, _ *[]string) { v.Phone = f(v.Phone) }
	}
	option := func(options ...string) func(*values, *[]string) {
		return func(v *values, more *[]string) {
			for _, o := range options {
				*more = append(*more, `"`+o+`":"`+map[string]string{"project": v.Project, "projectFlow": v.ProjectFlow, "phoneGateway": v.PhoneGateway}[o]+`"`)
			}
		}
	}
	literal := func(body string) func(values) string { return func(values) string { return body } }
	steps := []step{
		rightOTP("PV-01", "three digits", nil),
		rightOTP("PV-01", "one digit", nil, "countryCode", "+1"),
		rightOTP("PV-01", "two digits", nil, "countryCode", "+57"),
		rightOTP("PV-01", "one digit and its gateway", option("phoneGateway"), "countryCode", "+1"),
		rightOTP("PV-15", "one digit", nil, "countryCode", "+1"),
		rightOTP("PV-15", "whatsapp", nil, "phoneGateway", "whatsapp"),
		refused("PV-02", "spaces", StatePending, func(v values) string {
			v.Phone = " " + v.Phone
			return v.request(strconv.Itoa(v.WrongOTP))
		}),
		refused("PV-02", "flow alone", StatePending, func(v values) string {
			return v.request(strconv.Itoa(v.WrongOTP), `"projectFlow":"`+v.ProjectFlow+`"`)
		}),
		refused("PV-03", "one digit", StateNone, func(v values) string {
			v.CountryCode = "+1"
			return v.request("123456")
		}),
		refused("PV-07", "spaces", StateExpired, func(v values) string {
			v.Phone = " " + v.Phone
			return v.request(strconv.Itoa(v.OTP))
		}),
		refused("PV-02", "first digit", StatePending, withOTP(func(v values) int {
			if v.OTP < 500_000 {
				return v.OTP + 100_000
			}
			return v.OTP - 100_000
		})),
		refused("PV-02", "last digit", StatePending, withOTP(func(v values) int { return v.OTP ^ 1 })),
		refused("PV-02", "all digits", StatePending, withOTP(func(v values) int { return otherDigits(v.OTP) })),
		refused("PV-03", "none", StateNone, literalNumber()),
		refused("PV-04", "all", StateNone, literal(`{}`)),
		refused("PV-07", "expired", StateExpired, withOTP(right)),
		readingBack("PV-07", "expired", StateExpired, right),
		rightOTP("PV-08", "before", spaced(func(s string) string { return " " + s })),
		rightOTP("PV-08", "after", spaced(func(s string) string { return s + " " })),
		rightOTP("PV-08", "inside", spaced(func(s string) string { return s[:4] + " " + s[4:] })),
		rightOTP("PV-08", "several", spaced(func(s string) string { return s[:2] + " " + s[2:4] + "  " + s[4:] })),
		rightOTP("PV-09", "last", nil),
		rightOTP("PV-09", "not last", func(_ *values, more *[]string) { *more = []string{`"project":""`} }),
		rightOTP("PV-10", "project", option("project")),
		rightOTP("PV-10", "flow", option("projectFlow")),
		rightOTP("PV-10", "gateway", option("phoneGateway")),
		rightOTP("PV-10", "all", option("project", "projectFlow", "phoneGateway")),
		rightOTP("PV-10", "sms", option("phoneGateway"), "phoneGateway", "sms"),
		rightOTP("PV-10", "whatsapp", option("phoneGateway"), "phoneGateway", "whatsapp"),
		rightOTP("PV-10", "none", option("phoneGateway"), "phoneGateway", "none"),
		findsNothing("own flow, other project", `"projectFlow":"`+Flow+`","project":"0123456789abcdef01234567"`),
		findsNothing("own project, other flow", `"project":"`+Project+`","projectFlow":"0123456789abcdef01234567"`),
		findsNothing("other project", `"project":"0123456789abcdef01234567"`),
		findsNothing("other flow", `"projectFlow":"0123456789abcdef01234567"`),
		readingBack("PV-12", "kept", StatePending, right),
		readingBack("PV-13", "linked", StatePending, right),
		{"PV-14", "webhook", func(s *script, note func(string, string)) {
			v := s.state(s.t, StateWebhook, "webhookUrl", "http://receiver.test/secret/path")
			s.webhooks()
			s.put(v, v.OTP)
			var exact, promised []string
			for _, p := range s.webhooks() {
				exact = append(exact, mask(fmt.Sprint(p), v))
				names := strings.Contains(p.body, v.ValidationID) || strings.Contains(p.body, v.Phone)
				leaks := strings.Contains(p.body, strconv.Itoa(v.OTP)) || strings.Contains(p.body, v.Token)
				promised = append(promised, fmt.Sprint(p.url, json.Valid([]byte(p.body)), names, leaks))
			}
			note(strings.Join(exact, "\n"), strings.Join(slices.Compact(promised), "\n"))
		}},
		{"PV-15", "flags", func(s *script, note func(string, string)) {
			for _, state := range []string{StateLiveness, StatePending} {
				v := s.state(s.t, state)
				r := s.put(v, v.OTP)
				said := strings.Contains(strings.ReplaceAll(r.body, `"success":true`, ""), "true")
				note(mask(r.exact(), v), fmt.Sprint("as the state says: ", said == v.ShowFaceLivenessRecommendation))
			}
		}},
		{"PV-16", "tokens", func(s *script, note func(string, string)) {
			for _, authorization := range []string{"", "Basic dXNlcjpwYXNz", "Bearer a.b.c", "other"} {
				v, other := s.state(s.t, StatePending), s.state(s.t, StatePending)
				if authorization == "other" {
					authorization = "Bearer " + other.Token
				}
				r := s.call(http.MethodPut, endpointPath, authorization, v.request(strconv.Itoa(v.OTP)))
				note(mask(r.exact()+s.status(v), v, other), r.refused()+fmt.Sprint(s.status(v) == statusValidated))
			}
		}},
		{"PV-17", "wrong, then right", func(s *script, note func(string, string)) {
			v := s.state(s.t, StatePending)
			s.put(v, v.WrongOTP)
			r := s.put(v, v.OTP)
			note(mask(r.exact(), v), mask(r.promised(), v))
		}},
		refused("PV-21", "other code", StatePending, func(v values) string {
			v.CountryCode = "+58"
			return v.request(strconv.Itoa(v.OTP))
		}),
		readingBack("PV-22", "wrong", StatePending, wrong),
		// What shows only by repetition.
		rightOTP("PV-20", "and again", nil),
		rightOTP("PV-20", "and again", nil),
	}
	for name, body := range map[string]string{
		"phone": `{"countryCode":"+1","otp":1}`, "code": `{"phone":"1","otp":1}`, "otp": `{"phone":"1","countryCode":"+1"}`,
		"phone, code": `{"otp":1}`, "phone, otp": `{"countryCode":"+1"}`, "code, otp": `{"phone":"1"}`,
	} {
		steps = append(steps, refused("PV-05", name, StateNone, literal(body)))
	}
	for _, code := range []string{"507", "+", "+5077", "+abc", "++507", "507+", "+507+", `+507\n`, `+507\nx`, `x\n+507`, "+1809", "+0507", "PA", "+507.", "(+507)", "+1/7", "+5e1", "+5_7", "%2B507"} {
		steps = append(steps, refused("PV-06", code, StateNone, literal(`{"phone":"1","countryCode":"`+code+`","otp":1}`)))
	}
	for name, otp := range map[string]func(int) string{
		"second": func(n int) string { return strconv.Itoa(changedDigit(n, 10_000)) }, "third": func(n int) string { return strconv.Itoa(changedDigit(n, 1000)) },
		"fourth": func(n int) string { return strconv.Itoa(changedDigit(n, 100)) }, "fifth": func(n int) string { return strconv.Itoa(changedDigit(n, 10)) },
		"sixth": func(n int) string { return strconv.Itoa(changedDigit(n, 1)) }, "one more": func(n int) string { return strconv.Itoa(n + 1) },
		"swapped": func(n int) string { return swapped(strconv.Itoa(n)) },
	} {
		steps = append(steps, refused("PV-02", name, StatePending, func(v values) string { return v.request(otp(v.OTP)) }))
	}
	steps = append(steps, laterSteps()...)
	steps = append(steps, caseSteps()...)
	steps = append(steps, unevenSteps()...)
	steps = append(steps, step{"PV-02", "another's", func(s *script, note func(string, string)) {
		other, v := s.state(s.t, StatePending), s.state(s.t, StatePending)
		r := s.put(v, other.OTP)
		note(r.refused(), r.refused())
	}})
	for _, otp := range []func(int) string{
		func(n int) string { return strconv.Itoa(n / 10) }, func(n int) string { return strconv.Itoa(atoi(strconv.Itoa(n)[1:])) },
		func(n int) string { return strconv.Itoa(n*10 + 7) }, func(n int) string { return strconv.Itoa(n + 1_000_000) },
		func(n int) string { return strconv.Itoa(-n) }, func(n int) string { return strconv.Itoa(n) + ".4" },
		func(n int) string { return strconv.Itoa(n-1) + ".6" },
		func(n int) string { return strconv.Itoa(n + 1<<16) }, func(n int) string { return strconv.Itoa(n + 1<<32) },
		func(n int) string {
			return new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 64), big.NewInt(int64(n))).String()
		},
		func(n int) string { return strconv.Itoa(n) + strconv.Itoa(n) }, func(n int) string { return `{"otp":` + strconv.Itoa(n) + "}" },
		func(n int) string { return "[" + strconv.Itoa(n) + "]" }, func(n int) string { return `"` + strconv.Itoa(n) + `abc"` },
	} {
		steps = append(steps, neverSucceeds(otp(1), otp))
	}
	for _, literal := range []string{"0", "true", "false", "null", "[]", `""`, `"abcdef"`, `{"$ne":null}`, `{"$gt":0}`, `".*"`, `"%"`, `"______"`, "123456", "111111", "999999", "654321"} {
		steps = append(steps, neverSucceeds(literal, func(int) string { return literal }))
	}
	steps = append(steps, step{"PV-25", "ten wrong ones", func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		for range 10 {
			r := s.put(v, v.WrongOTP)
			note(r.refused(), r.refused())
		}
	}}, step{"PV-02", "the fourth", func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		for range 3 {
			s.put(v, v.WrongOTP)
		}
		r := s.put(v, v.WrongOTP)
		note(r.exact(), r.refused())
	}}, step{"PV-25", "an object, to the letter", func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		r := s.putBody(v, v.request("{}"))
		note(r.exact(), r.refused())
	}}, step{"PV-25", "after success", func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		s.put(v, v.OTP)
		r := s.put(v, v.WrongOTP)
		note(r.refused(), r.refused())
	}})
	for name, body := range map[string]string{
		"a number as phone": `{"phone":62647737,"countryCode":"+1","otp":1}`, "1e400": `{"phone":"1","countryCode":"+1","otp":1e400}`, "a list": `[]`, "a text as OTP": `{"phone":"1","countryCode":"+1","otp":"x"}`,
		"deep": `{"x":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}`, "large": `{"x":"` + strings.Repeat("x", 70_000) + `"}`,
	} {
		steps = append(steps, step{"PV-20", name, func(s *script, note func(string, string)) {
			v := s.state(s.t, StateNone)
			r := s.putBody(v, body)
			failed := fmt.Sprint("5xx: ", r.status >= 500)
			note(failed, failed)
		}})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return strings.Compare(a.rule+a.name, b.rule+b.name) })
	return steps
}

// changedDigit returns an OTP with another digit at one place (1, 10, 100 ...).
func changedDigit(n, place int) int {
	if n/place%10 == 9 {
		return n - place
	}
	return n + place
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // digits alone
	return n
}

// swapped returns the digits in another order, if there is one.
func swapped(digits string) string {
	for i := len(digits) - 1; i > 1; i-- {
		if digits[i] != digits[i-1] {
			return digits[:i-1] + digits[i:i+1] + digits[i-1:i] + digits[i+1:]
		}
	}
	return "1"
}

// neverSucceeds types something that is not the right OTP: any answer will do except a success.
func neverSucceeds(name string, otp func(int) string) step {
	return step{"PV-25", name, func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		r := s.putBody(v, v.request(otp(v.OTP)))
		note(r.refused(), r.refused())
	}}
}

func literalNumber() func(values) string {
	return func(v values) string { return v.request("123456") }
}

// unevenSteps are about single countries and delivery methods, optional parameters, and OTPs typed after the success.
func unevenSteps() []step {
	var steps []step
	for _, of := range [][2]string{{"+1", "sms"}, {"+57", "whatsapp"}, {"+507", "none"}} {
		for rule, state := range map[string]string{"PV-02": StatePending, "PV-07": StateExpired} {
			steps = append(steps, step{rule, of[0] + " " + of[1], func(s *script, note func(string, string)) {
				v := s.state(s.t, state, "countryCode", of[0], "phoneGateway", of[1])
				otp := strconv.Itoa(v.WrongOTP)
				if rule == "PV-07" {
					otp = strconv.Itoa(v.OTP)
				}
				gateway := `"phoneGateway":"` + v.PhoneGateway + `"`
				r := s.putBody(v, v.request(otp))
				note(mask(r.exact(), v), mask(r.promised(), v))
				for _, more := range []string{gateway, `"project":"` + v.Project + `","projectFlow":"` + v.ProjectFlow + `"`} {
					r := s.putBody(v, v.request(otp, more))
					note(r.refused(), r.refused())
				}
			}})
		}
	}
	for name, f := range map[string]func(v *values){
		"percent sign": func(v *values) { v.Phone = v.Phone[:7] + "%" }, "underscore": func(v *values) { v.Phone = v.Phone[:7] + "_" },
		"point": func(v *values) { v.Phone = v.Phone[:7] + "." }, "code's beginning": func(v *values) { v.CountryCode = "+5" },
		"code's end": func(v *values) { v.CountryCode = "+7" }, "code and a digit": func(v *values) { v.CountryCode = "+571" },
	} {
		steps = append(steps, step{"PV-21", name, func(s *script, note func(string, string)) {
			v := s.state(s.t, StatePending, "countryCode", "+57")
			sent := v
			f(&sent)
			r := s.putBody(v, sent.request(strconv.Itoa(sent.OTP)))
			note(r.refused(), r.refused())
		}})
	}
	near := func(own string, at int) string { return own[:at] + "2" + own[at+1:] }
	last := len(Project) - 1
	steps = append(steps,
		findsNothing("project that begins alike", `"project":"`+near(Project, last)+`"`), findsNothing("project that ends alike", `"project":"`+near(Project, 0)+`"`),
		findsNothing("flow that begins alike", `"projectFlow":"`+near(Flow, last)+`"`), findsNothing("flow that ends alike", `"projectFlow":"`+near(Flow, 0)+`"`),
		refused("PV-02", "before face liveness", StateLiveness, func(v values) string { return v.request(strconv.Itoa(v.WrongOTP)) }))
	for name, order := range map[string]func(string) string{"backwards": backwards, "ring": func(otp string) string { return otp[1:] + otp[:1] }} {
		steps = append(steps, step{"PV-02", name, func(s *script, note func(string, string)) {
			v := s.state(s.t, StatePending)
			text := "2xx: false"
			if otp := strconv.Itoa(v.OTP); order(otp) != otp {
				text = s.putBody(v, v.request(order(otp))).refused()
			}
			note(text, text)
		}})
	}
	for _, of := range [][3]string{{"+1", "sms", StatePending}, {"+57", "whatsapp", StatePending}, {"+507", "none", StatePending}, {"+507", "sms", StateLiveness}} {
		steps = append(steps, step{"PV-14", of[0] + " " + of[1] + " " + of[2], func(s *script, note func(string, string)) {
			v := s.state(s.t, StateWebhook, "countryCode", of[0], "phoneGateway", of[1], "webhookUrl", "http://receiver.test/x")
			s.webhooks()
			s.putBody(v, v.request(strconv.Itoa(v.OTP), `"project":"`+v.Project+`"`))
			some := fmt.Sprint(len(s.webhooks()) > 0)
			s.state(s.t, StatePending)
			w := s.state(s.t, StateWebhook, "countryCode", of[0], "phoneGateway", of[1], "webhookUrl", "http://receiver.test/x")
			s.webhooks()
			s.put(w, w.OTP)
			some += fmt.Sprint(len(s.webhooks()) > 0)
			note(some, some)
		}})
		for _, rule := range []string{"PV-12", "PV-13"} {
			for _, more := range []string{"phoneGateway", "project"} {
				steps = append(steps, step{rule, strings.Join(of[:], " ") + more, func(s *script, note func(string, string)) {
					v := s.state(s.t, of[2], "countryCode", of[0], "phoneGateway", of[1])
					sent := v
					sent.Phone = " " + v.Phone
					s.putBody(v, sent.request(strconv.Itoa(v.OTP), `"`+more+`":"`+map[string]string{"phoneGateway": v.PhoneGateway, "project": v.Project}[more]+`"`))
					text := fmt.Sprint(s.status(v) == statusValidated)
					if rule == "PV-13" {
						text = fmt.Sprint(strings.Contains(fmt.Sprint(s.link(v, "")), v.ValidationID))
					}
					note(text, text)
				}})
			}
		}
	}
	steps = append(steps, step{"PV-17", "with its project", func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		project := `"project":"` + v.Project + `"`
		s.putBody(v, v.request(strconv.Itoa(v.WrongOTP), project))
		r := s.putBody(v, v.request(strconv.Itoa(v.OTP), project))
		note(mask(r.exact(), v), mask(r.promised(), v))
	}}, step{"PV-22", "three wrong ones", func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		before := fmt.Sprint(s.link(v, populated))
		for range 3 {
			s.put(v, v.WrongOTP)
		}
		note(fmt.Sprint(s.status(v) == statusValidated, before == fmt.Sprint(s.link(v, populated))), fmt.Sprint(s.status(v) == statusValidated))
	}})
	for _, rule := range []string{"PV-12", "PV-13"} {
		steps = append(steps, step{rule, "whatever comes after", func(s *script, note func(string, string)) {
			v := s.state(s.t, StatePending)
			for _, otp := range []int{v.OTP, v.OTP, v.WrongOTP} {
				s.put(v, otp)
			}
			s.late.Wait()
			text := fmt.Sprint(s.status(v) == statusValidated)
			if rule == "PV-13" {
				text = fmt.Sprint(strings.Contains(fmt.Sprint(s.link(v, "")), v.ValidationID))
			}
			note(text, text)
		}})
	}
	return steps
}

// laterSteps are about tokens, other records and webhooks.
func laterSteps() []step {
	var steps []step
	foreign := func(rule, name string, authorization func(own, other values) string) {
		steps = append(steps, step{rule, name, func(s *script, note func(string, string)) {
			other, v := s.state(s.t, StateNone), s.state(s.t, StateWebhook, "webhookUrl", "http://receiver.test/x")
			s.webhooks()
			r := s.call(http.MethodPut, endpointPath, authorization(v, other), v.request(strconv.Itoa(v.OTP)))
			s.late.Wait()
			text := fmt.Sprint(r.refused(), s.status(v) == statusValidated)
			linked := strings.Contains(fmt.Sprint(s.link(v, populated)), v.ValidationID)
			if rule == "PV-27" {
				text, linked = claimsSuccess(s.webhooks()), false
			}
			if rule == "PV-20" {
				text, linked = fmt.Sprint("5xx: ", r.status >= 500), false
			}
			note(fmt.Sprint(text, linked), text) // it may be linked from the start
		}})
	}
	part := func(v values, i int) string { return strings.Split(v.Token, ".")[i] }
	for _, rule := range []string{"PV-16", "PV-20", "PV-27"} {
		foreign(rule, "none", func(values, values) string { return "" })
		foreign(rule, "unknown", func(values, values) string { return "Bearer a.b.c" })
	}
	foreign("PV-16", "other", func(_, other values) string { return "Bearer " + other.Token })
	foreign("PV-16", "empty", func(values, values) string { return "Bearer" })
	foreign("PV-16", "half", func(v, _ values) string { return "Bearer " + v.Token[:len(v.Token)-30] })
	foreign("PV-16", "altered", func(v, _ values) string {
		return "Bearer " + v.Token[:len(v.Token)-9] + string(v.Token[len(v.Token)-9]^1) + v.Token[len(v.Token)-8:]
	})
	foreign("PV-16", "capitals", func(v, _ values) string { return "Bearer " + strings.ToUpper(v.Token) })
	foreign("PV-16", "rewritten", func(v, _ values) string {
		payload, _ := base64.RawURLEncoding.DecodeString(part(v, 1))
		return "Bearer " + part(v, 0) + "." + base64.RawURLEncoding.EncodeToString(append(payload, ' ')) + "." + part(v, 2)
	})
	foreign("PV-16", "signature in capitals", func(v, _ values) string {
		return "Bearer " + part(v, 0) + "." + part(v, 1) + "." + strings.ToUpper(part(v, 2))
	})
	foreign("PV-16", "without signature", func(v, _ values) string { return "Bearer " + part(v, 0) + "." + part(v, 1) + "." })
	foreign("PV-16", "unsigned", func(v, _ values) string {
		return "Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + part(v, 1) + "."
	})
	foreign("PV-16", "unsigned, with a capital", func(v, _ values) string {
		return "Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"None"}`)) + "." + part(v, 1) + "."
	})
	foreign("PV-16", "two parts", func(v, _ values) string { return "Bearer " + part(v, 0) + "." + part(v, 1) })
	foreign("PV-16", "more behind", func(v, _ values) string { return "Bearer " + v.Token + "00000000" })
	foreign("PV-16", "empty key", func(v, _ values) string {
		seal := hmac.New(sha256.New, nil)
		_, _ = seal.Write([]byte(part(v, 0) + "." + part(v, 1)))
		return "Bearer " + part(v, 0) + "." + part(v, 1) + "." + base64.RawURLEncoding.EncodeToString(seal.Sum(nil))
	})
	for name, change := range map[string]func(v *values, more *[]string){
		"project and no token": func(v *values, more *[]string) { *more = []string{`"project":"` + v.Project + `"`} },
		"spaces and no token":  func(v *values, _ *[]string) { v.Phone = " " + v.Phone },
	} {
		steps = append(steps, step{"PV-16", name, func(s *script, note func(string, string)) {
			v, more := s.state(s.t, StatePending), []string(nil)
			change(&v, &more)
			text := s.call(http.MethodPut, endpointPath, "", v.request(strconv.Itoa(v.OTP), more...)).refused()
			note(text, text)
		}})
	}
	for _, authorization := range []string{"", "Bearer a.b.c", "altered", "other"} {
		steps = append(steps, step{"PV-16", "again " + authorization, func(s *script, note func(string, string)) {
			other, v := s.state(s.t, StateNone), s.state(s.t, StatePending)
			s.put(v, v.OTP)
			with := authorization
			if with == "other" {
				with = "Bearer " + other.Token
			}
			if authorization == "altered" {
				with = "Bearer " + part(v, 0) + "." + part(v, 1) + "." + backwards(part(v, 2))
			}
			text := s.call(http.MethodPut, endpointPath, with, v.request(strconv.Itoa(v.OTP))).refused()
			note(text, text)
		}})
	}
	for name, states := range map[string][]string{"before": {"other", "own"}, "after": {"own", "other"}} {
		steps = append(steps, step{"PV-26", name, func(s *script, note func(string, string)) {
			made := map[string]values{}
			for _, whose := range states {
				made[whose] = s.state(s.t, StatePending)
			}
			s.put(made["own"], made["own"].OTP)
			s.late.Wait()
			text := fmt.Sprint("validated: ", s.status(made["other"]) == statusValidated)
			note(mask(fmt.Sprint(text, s.link(made["other"], populated)), made["other"], made["own"]), text) // it may be linked from the start
		}})
	}
	for name, test := range map[string]struct {
		state string
		wrong bool
	}{"wrong": {StateWebhook, true}, "expired": {StateExpired, false}} {
		steps = append(steps, step{"PV-27", name, func(s *script, note func(string, string)) {
			v := s.state(s.t, test.state, "webhookUrl", "http://receiver.test/x")
			s.webhooks()
			otp := v.OTP
			if test.wrong {
				otp = v.WrongOTP
			}
			s.put(v, otp)
			text := claimsSuccess(s.webhooks())
			note(text, text)
		}})
	}
	for name, change := range map[string]func(*values){
		"another": func(v *values) { v.Phone = "99999999" }, "ends alike": func(v *values) { v.Phone = "9" + v.Phone[1:] },
		"without the last": func(v *values) { v.Phone = v.Phone[:7] }, "and one more": func(v *values) { v.Phone += "9" },
		"without the first": func(v *values) { v.Phone = v.Phone[1:] }, "one before": func(v *values) { v.Phone = "9" + v.Phone },
		"moved": func(v *values) { v.CountryCode, v.Phone = "+50", "7"+v.Phone },
	} {
		steps = append(steps, step{"PV-21", name, func(s *script, note func(string, string)) {
			v := s.state(s.t, StatePending)
			sent := v
			change(&sent)
			text := s.putBody(v, sent.request(strconv.Itoa(v.OTP))).refused()
			note(text, text)
		}})
	}
	for name, option := range map[string]string{"known project": `"project":"` + OtherProject + `"`, "known flow": `"projectFlow":"` + OtherFlow + `"`} {
		steps = append(steps, step{"PV-11", name, func(s *script, note func(string, string)) {
			s.state(s.t, StateNone)
			v := s.state(s.t, StatePending)
			text := s.putBody(v, v.request(strconv.Itoa(v.OTP), option)).refused()
			note(text, text)
		}})
	}
	steps = append(steps, step{"PV-13", "another after", func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		s.state(s.t, StateNone)
		s.put(v, v.OTP)
		text := fmt.Sprint(strings.Contains(fmt.Sprint(s.link(v, populated)), v.ValidationID))
		note(text, text)
	}})
	return steps
}

// claimsSuccess reports whether any webhook says that the phone is validated.
func claimsSuccess(all []posted) string {
	said := false
	for _, p := range all {
		said = said || strings.Contains(p.body, "_validated") || strings.Contains(p.body, `"validated"`) || strings.Contains(p.body, "phoneValidated")
	}
	return fmt.Sprint("validated: ", said)
}

// findsNothing names another project or flow: any code will do, in two fields.
func findsNothing(name, option string) step {
	return step{"PV-11", name, func(s *script, note func(string, string)) {
		v := s.state(s.t, StatePending)
		r := s.putBody(v, v.request(strconv.Itoa(v.OTP), option))
		var fields map[string]string
		err := json.Unmarshal([]byte(r.body), &fields)
		note(mask(r.exact(), v), fmt.Sprint(r.status, err == nil && len(fields) == 2))
	}}
}

// exploringScript makes requests that no written scenario makes.
func exploringScript() []step {
	var steps []step
	add := func(name string, body func(v values) string) {
		steps = append(steps, refused("", name, StatePending, body))
	}
	for name, member := range map[string]string{
		"object as project": `"project":{}`, "number as project": `"project":1`,
		"repeated key": `"phone":"1"`,
	} {
		add(name, func(v values) string { return v.request(strconv.Itoa(v.OTP), member) })
	}
	for name, phone := range map[string]string{"emoji": `"📱"`, "long": `"` + strings.Repeat("6", 65) + `"`} {
		add(name+" as phone", func(values) string { return `{"phone":` + phone + `,"countryCode":"+1","otp":1}` })
	}
	add("escapes in phone", func(v values) string {
		return `{"phone":"\u003` + v.Phone[:1] + v.Phone[1:] + `","countryCode":"+507","otp":1}`
	})
	add("NUL in country code", func(values) string { return `{"phone":"1","countryCode":"+1\u0000","otp":1}` })
	slices.SortFunc(steps, func(a, b step) int { return strings.Compare(a.name, b.name) })
	return steps
}
