package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/schemas"
)

// Diagnosis is a guess at the cause of a failure.
type Diagnosis struct {
	Key  string // failures with the same key have the same cause
	Text string // one line
	Seen int    // in how many answers it shows ...
	Of   int    // ... of how many that could show it; 0: not counted

	alone      string // Text if only the provider can be to blame; "" if that is the same
	otherKey   string // the Key and the Text of the guess without the one that the phone's spaces are kept; "": none
	otherText  string
	documented int // the status that the body is documented for, if Text says that it is another one's; else 0
}

// Diagnose returns a diagnosis of a scenario's failure, and whether there is one.
func (c Checks) Diagnose(rule string, findings []Finding, exchanges []exchange.Exchange) (Diagnosis, bool) {
	answered := group.Where(exchanges, func(e exchange.Exchange) bool { return e.Purpose == exchange.Judged && e.Answer != nil })
	if len(findings) == 0 || len(answered) == 0 {
		return Diagnosis{}, false
	}
	failed, readBack := answered[len(answered)-1], false
	if at := findings[0].Exchange; at >= 0 && at < len(exchanges) {
		if readBack = exchanges[at].Purpose != exchange.Judged; !readBack && exchanges[at].Answer != nil {
			failed = exchanges[at]
		}
	}
	// The rules whose scenarios type the right OTP first of all: without a success there is nothing to read back, and the answer
	// explains the failure.
	ofRightOTP := []string{RuleSuccess, RuleSpaces, RuleNumber, RuleOptional, RuleStatus, RuleLink, RuleNotified, RuleLiveness}
	if readBack && !failed.Answer.Succeeded() && slices.Contains(ofRightOTP, rule) {
		readBack = false
	}
	// If only the read-back failed, the answer was as expected and explains nothing.
	if !readBack {
		if c.inDialect(failed.Answer) {
			return c.dialect(answered), true
		}
		clue := c.clueOf(rule, failed)
		clue.first = failed.Answer == answered[0].Answer
		if d := clue.explain(); d.Key != "" {
			return d, true
		}
	}
	spaced := strings.Contains(decode(failed.Request.Body).text("phone"), " ") &&
		!slices.ContainsFunc(answered, func(e exchange.Exchange) bool { return e.Answer.Status != failed.Answer.Status })
	// What follows from a wrong OTP that was accepted has that cause, too.
	if slices.ContainsFunc(answered, acceptedWrongOTP(rule, failed)) {
		return notCompared(), true
	}
	// Where no success is due, what is read back follows from the one that came.
	succeeded := func(e exchange.Exchange) bool { return e.Answer.Succeeded() }
	i := slices.IndexFunc(answered, succeeded)
	if i >= 0 && rule == RuleUnspent && !failed.Answer.Succeeded() {
		return Diagnosis{Key: "accepted-before", Text: "refused after an earlier request was answered as a success where none was due: does that spend the validation?"}, true
	}
	if i >= 0 && readBack && slices.Contains([]string{RuleExpired, RuleNarrowing, RuleToken, RuleTogether}, rule) {
		failed = answered[i]
	}
	d := c.guess(rule, failed.Answer, findings, spaced)
	if d.Key == spacesKept {
		other := c.guess(rule, failed.Answer, findings, false)
		d.otherKey, d.otherText = other.Key, other.Text
	}
	return d, d.Key != ""
}

func notCompared() Diagnosis {
	return Diagnosis{Key: "otp-not-compared", Text: "a wrong OTP is answered as a success: is the OTP compared, all of it?"}
}

// acceptedWrongOTP returns a function that reports whether an exchange is the success of a wrong OTP, in a request that lacks
// nothing and has no malformed country code: in a scenario of PV-22, of any that is typed; in one of PV-17, of another than the
// right one that failed.
func acceptedWrongOTP(rule string, failed exchange.Exchange) func(exchange.Exchange) bool {
	right := decode(failed.Request.Body)
	return func(e exchange.Exchange) bool {
		sent := decode(e.Request.Body)
		phone, code, otp := unspaced(sent.text("phone")), sent.text("countryCode"), member(sent.value, "otp")
		if !e.Answer.Succeeded() || otp == nil || phone == "" || !countryCodeForm.MatchString(code) {
			return false
		}
		same := phone == unspaced(right.text("phone")) && code == right.text("countryCode")
		other := fmt.Sprint(otp) != fmt.Sprint(member(right.value, "otp"))
		return rule == RuleUntouched || rule == RuleUnspent && same && other && !failed.Answer.Succeeded()
	}
}

// CommonDiagnosis returns one line for all failures of a run if they have the same cause, else "". It takes one diagnosis for
// each failed scenario, the zero Diagnosis for one that is not explained.
func CommonDiagnosis(diagnoses []Diagnosis) string {
	if len(diagnoses) < 2 || diagnoses[0].Key == "" {
		return ""
	}
	all := diagnoses[0]
	for _, d := range diagnoses[1:] {
		if d.Key != all.Key {
			return ""
		}
		all.Seen, all.Of = all.Seen+d.Seen, all.Of+d.Of
	}
	if all.Of > 0 {
		return fmt.Sprintf("%s, in %d of %d error answers", all.Text, all.Seen, all.Of)
	}
	return fmt.Sprintf("all %d failures look alike: %s", len(diagnoses), all.Text)
}

// inDialect recognizes an error envelope that the provider's own client code has been seen handling: HTTP's name of the
// status as code, and the documented code as message.
func (c Checks) inDialect(a *exchange.Answer) bool {
	r := parse(a)
	symbol := slices.ContainsFunc(c.Answers(), func(d schemas.Answer) bool { return d.Code != "" && d.Code == r.text("message") })
	return a.Status >= 400 && symbol && isStatusName(r.text("code"))
}

// isStatusName reports whether a word is HTTP's name of a 4xx status, without spaces: "NotFound".
func isStatusName(word string) bool {
	for status := http.StatusBadRequest; status < http.StatusInternalServerError; status++ {
		if word != "" && word == strings.ReplaceAll(http.StatusText(status), " ", "") {
			return true
		}
	}
	return false
}

// dialect returns the diagnosis for that envelope, with the count of error answers in it.
func (c Checks) dialect(exchanges []exchange.Exchange) Diagnosis {
	errors := group.Where(exchanges, func(e exchange.Exchange) bool { return e.Answer.Status >= http.StatusBadRequest })
	seen := group.Where(errors, func(e exchange.Exchange) bool { return c.inDialect(e.Answer) })
	return Diagnosis{
		Key: "dialect", Seen: len(seen), Of: len(errors),
		Text: "this is the envelope with the HTTP name in `code` and the symbol in `message`: the provider speaks another dialect than its documentation",
	}
}

// guess explains a failure by its rule and the kind of answer; it returns the zero Diagnosis if nothing fits. spaced: the phone
// had spaces, and all of the scenario was answered like this.
func (c Checks) guess(rule string, a *exchange.Answer, findings []Finding, spaced bool) Diagnosis {
	found, expired, wrong, conflict := c.of(RuleNotFound).Status, c.of(RuleExpired).Status, c.of(RuleWrongOTP).Status, c.of(RuleAllMissing).Status
	success, refused := a.Succeeded(), a.Status/100 == 4
	v := parse(a).value
	bare := a.Status == c.of(RuleSuccess).Status && member(v, "data") == nil && member(v, "status") != nil
	unprefixed := slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Path == "$.message" && strings.HasSuffix(f.Expected, ":"+strings.TrimPrefix(f.Actual, `"`))
	})
	text := fmt.Sprintf
	for _, guess := range []struct {
		key, text string
		rules     []string
		holds     bool
	}{
		{
			spacesKept, text("answered %d for a phone with spaces: is it looked up with them?", found),
			[]string{RuleSuccess, RuleSpaces, RuleOptional, RuleStatus, RuleLink, RuleNotified, RuleLiveness, RuleUnspent, RuleWrongOTP, RuleExpired},
			a.Status == found && (spaced || rule == RuleSpaces),
		},
		{notCompared().Key, notCompared().Text, []string{RuleWrongOTP}, success},
		{"expiry-not-looked-at", "an expired OTP is answered as a success: is the expiry looked at?", []string{RuleExpired}, success},
		{"only-unexpired-found", text("answered %d where expiry promises %d: looks up only unexpired records?", found, expired), []string{RuleExpired}, a.Status == found},
		{"wrong-before-expired", text("answered %d where expiry promises %d: is the OTP thrown away when it expires?", wrong, expired), []string{RuleExpired}, a.Status == wrong},
		{"token-not-looked-at", "answered as a success: is the token looked at, and whose it is?", []string{RuleToken}, success},
		{"format-not-checked", "answered as a success: is the country code's format checked?", []string{RuleFormat}, success},
		{"looked-up-first", text("answered %d: is the validation looked up before the request is checked?", found), []string{RuleAllMissing, RuleMissing, RuleFormat}, a.Status == found},
		{"narrowing-ignored", "answered as a success: are project and projectFlow part of the search?", []string{RuleNarrowing}, success},
		{"country-code-ignored", "answered as a success: are the phone and the country code both compared in full?", []string{RuleTogether}, success},
		{"spent", spentByWrong, []string{RuleUnspent}, refused},
		{otpNotANumber, text("answered %d: is the OTP taken as text only?", conflict), []string{RuleNumber}, a.Status == conflict},
		{"token-refused", text("answered %d: is the token that the state yields the app registration's own?", http.StatusUnauthorized), rulesExpectingAnswer(), a.Status == http.StatusUnauthorized},
		{"no-envelope", "the success is not wrapped in `data`", []string{RuleSuccess}, bare},
		{"no-prefix", "the message lacks the status in front of its symbol", []string{RuleWrongOTP, RuleNotFound, RuleExpired}, unprefixed},
		{"failed-inside", "the provider failed: its own log will say why", rulesExpectingAnswer(), a.Status >= http.StatusInternalServerError},
	} {
		if guess.holds && slices.Contains(guess.rules, rule) {
			return Diagnosis{Key: guess.key, Text: guess.text}
		}
	}
	return Diagnosis{}
}
