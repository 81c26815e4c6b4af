package steps

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
)

// draft is a scenario's request before it is sent. The zero value is the documentation's example: phone, countryCode and otp
// with the state's values, its token, and JSON as content type.
type draft struct {
	given         []parameter // replace the state's values, or are added to them
	without       []string    // parameters that are left out
	otpPosition   string      // first, middle or last; "": the documented order
	backwards     bool        // the parameters are in reverse order
	layout        layout
	authorization *string // nil: its own token; "": none
	contentType   *string // nil: application/json; "": none
	undocumented  bool    // the documentation does not say how it is answered
	foreign       bool    // the phone may be somebody else's, with another token
}

// parameter is a parameter of a request, with its value as JSON.
type parameter struct{ name, value string }

// with returns the parameters with one set, where it stands or else at the end.
func with(all []parameter, one parameter) []parameter {
	at := slices.IndexFunc(all, func(p parameter) bool { return p.name == one.name })
	if at < 0 {
		return append(all, one)
	}
	all[at] = one
	return all
}

func (d *draft) set(name, value string) { d.given = with(d.given, parameter{name, value}) }

// credential is what a request carries in place of its own token. The error skips the scenario.
type credential struct {
	words         string // as the features word it
	authorization func(w *World) (string, error)
}

func credentials() []credential {
	fixed := func(words, authorization string) credential {
		return credential{words, func(*World) (string, error) { return authorization, nil }}
	}
	made := func(words string, token func(own string) string) credential {
		return credential{words, func(w *World) (string, error) {
			made := token(w.values.Token)
			w.keepSecret(made)
			return "Bearer " + made, skipIf(made == "", "the app registration's token is not a JSON Web Token")
		}}
	}
	madeUp := func(words, name string) credential {
		return made(words, func(own string) string { return contract.MadeUp(own)[name] })
	}
	id := func(words string, of func(*World) string) credential {
		return credential{words, func(w *World) (string, error) {
			return "Bearer " + of(w), cmp.Or(skipIf(of(w) == "", "the state does not yield that id"), skipIf(of(w) == w.values.Token, "that id is the token"))
		}}
	}
	return []credential{
		fixed("without a token", ""),
		fixed("with made-up credentials instead of a token", "Basic "+contract.MadeUp("")[contract.Credentials]),
		madeUp("with an unknown token", contract.UnknownToken),
		fixed("with the word null instead of a token", "Bearer null"), // what a client sends if its variable was never set
		fixed("with the word undefined instead of a token", "Bearer undefined"),
		{"with the token of the other app registration", func(w *World) (string, error) {
			return "Bearer " + w.other.Token, cmp.Or(
				skipIf(w.other.Token == "", "there is no other app registration"),
				skipIf(w.other.Token == w.values.Token, "the other app registration has the same token"))
		}},
		id("with the id of the validation instead of a token", func(w *World) string { return w.values.ValidationID }),
		id("with the id of its own app registration instead of a token", func(w *World) string { return w.values.AppRegistrationID }),
		made("with its own token altered", alterToken),
		made("with its own token, its first character another one", func(own string) string {
			return otherCharacter(own, strings.IndexFunc(own, alphanumeric))
		}),
		made("with its own token, its last character another one", func(own string) string {
			return otherCharacter(own, strings.LastIndexFunc(own, alphanumeric))
		}),
		made("with a part of its own token", partOfToken),
		fixed("with an empty token", "Bearer"),
		madeUp("with its own token, unsigned", contract.UnsignedToken),
		madeUp("with its own token without its signature", contract.UnsealedToken),
		madeUp("with its own token, signed with an empty key", contract.EmptyKeyToken),
		madeUp("with its own token, signed with an empty and unnamed key", contract.UnnamedKeyToken),
		madeUp("with its own token, signed with a key that it brings along", contract.BroughtKeyToken),
		madeUp("with its own token, its contents written otherwise", contract.RewrittenToken),
		madeUp("with its own token, unsigned, and that said with a capital", contract.CapitalToken),
		madeUp("with its own token, unsigned, its signature left behind it", contract.SignedNoneToken),
		madeUp("with its own token without its signature and the point before it", contract.TwoPartToken),
		madeUp("with its own token, signed with a key that is a usual example", contract.ExampleKeyToken),
		madeUp("with its own token, signed with the key of another usual example", contract.SampleKeyToken),
		madeUp("with its own token, of another algorithm", contract.AlgorithmToken),
		madeUp("with its own token and more behind it", contract.ExtendedToken),
		{"with its own token in small letters and capitals the other way round", func(w *World) (string, error) {
			swapped := contract.MadeUp(w.values.Token)[contract.OtherCaseToken]
			w.keepSecret(swapped)
			return "Bearer " + swapped, skipIf(hasOneCase(w.values.Token), "the app registration's token has no letters of both cases")
		}},
	}
}

// credential sets the request's credential by its words.
func (w *World) credential(words string) error {
	chosen := group.First(credentials(), func(c credential) bool { return c.words == words })
	authorization, err := chosen.authorization(w)
	w.draft.authorization = &authorization
	return err
}

// typedNumber is the form of what may be an OTP in what a person types, with the letters behind it: an OTP of four or five digits is
// not looked for next to a letter.
var typedNumber = regexp.MustCompile(`[0-9]{4,}[a-z]*`)

// body returns the request as JSON. Unless it is made up, of the phone's digits or always the same, what is typed is the right OTP or
// made from it, which would reveal it: then it is kept out of reports. What is not would reveal it if its command, for the next
// state, said how the two differ.
func (w *World) body(otp string) []byte {
	if otp != contract.MadeUpOTP && !w.typedOpenly {
		w.Secrets.Add(typedNumber.FindAllString(otp, -1)...)
	}
	state := map[string]string{"phone": quoted(w.values.Phone), "countryCode": quoted(w.values.CountryCode), "otp": otp}
	all := group.Map(w.Checks.Endpoint().Required, func(name string) parameter { return parameter{name, state[name]} })
	middle := len(all) / 2
	for _, given := range w.draft.given {
		all = with(all, given)
	}
	isOTP := func(p parameter) bool { return p.name == "otp" }
	if at := slices.IndexFunc(all, isOTP); at >= 0 && w.draft.otpPosition != "" {
		moved := all[at]
		all = slices.Delete(all, at, at+1)
		all = slices.Insert(all, map[string]int{"middle": middle, "last": len(all)}[w.draft.otpPosition], moved)
	}
	if w.draft.backwards {
		slices.Reverse(all)
	}
	layout := w.layout()
	sent := group.Where(all, func(p parameter) bool { return !slices.Contains(w.draft.without, p.name) })
	members := group.Map(sent, func(p parameter) string {
		return quoted(p.name) + layout.colon + strings.ReplaceAll(p.value, "+", layout.plus)
	})
	return []byte(layout.open + strings.Join(members, layout.comma) + layout.end)
}

// layout is the way in which a client writes a request as JSON, and what it accepts by its headers ("" sends none).
type layout struct{ open, colon, comma, end, plus, accept, language string }

var compact = layout{"{", ":", ",", "}", "+", "application/json", ""}

// layouts returns the layouts by the features' words. The documentation's clients accept anything or send no Accept; an app on a
// phone or in a browser sends the languages of its user as well.
func layouts() map[string]layout {
	return map[string]layout{
		"without spaces":                {"{", ":", ",", "}", "+", "*/*", "es-PA,es;q=0.9,en;q=0.8"},
		"with spaces between its parts": {"{ ", " : ", " , ", " }", "+", "application/json", ""},
		"over several lines":            {"{\n  ", ": ", ",\n\t", "\n}\n", "+", "", ""},
		"with its plus as an escape":    {"{", ":", ",", "}", `\u002b`, "application/json, text/plain, */*", ""},
	}
}

func (w *World) layout() layout { return cmp.Or(w.draft.layout, compact) }

func quoted(s string) string { return text.Value(s) }

// whyNotJSON returns why a text cannot be the value of a parameter: the provider would rightly refuse the whole request. It
// allows digits with a leading zero, which is not JSON either: how that is answered is worth knowing.
func whyNotJSON(text string) string {
	if json.Valid([]byte(text)) || strings.Trim(text, "0123456789") == "" {
		return ""
	}
	return fmt.Sprintf("%q is not JSON: write text in quotation marks, with \\n for a line break, \\\" for a quotation mark and \\\\ for a backslash", text)
}

// whyNotHeader returns why a text cannot be the value of a header; "" if it can.
func whyNotHeader(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return fmt.Sprintf("%q cannot be sent in a header: it holds a line break or another control character", text)
	}
	return ""
}

// hasOneCase reports whether a token has letters of one case only, like a UUID or hexadecimal, where case means nothing.
func hasOneCase(token string) bool {
	return token == strings.ToLower(token) || token == strings.ToUpper(token)
}

// alterToken changes one character of a token: the first of the signature if it is a JWT, as a provider may compare no more than
// its end; else one near the end.
func alterToken(token string) string {
	at := max(len(token)-8, 0)
	if strings.Count(token, ".") == 2 && !strings.HasSuffix(token, ".") {
		at = strings.LastIndex(token, ".") + 1
	}
	for at < len(token)-1 && !alphanumeric(rune(token[at])) {
		at++
	}
	return otherCharacter(token, at)
}

// partOfToken cuts the second half of a token off; of one in the form of a JSON Web Token only that of its signature, after whole
// bytes, so that the rest can be decoded.
func partOfToken(token string) string {
	signature := strings.LastIndex(token, ".") + 1
	half := (len(token) - signature + 1) / 2
	if strings.Count(token, ".") != 2 || signature+half == len(token) {
		return token[:(len(token)+1)/2]
	}
	return token[:signature+max(half-half%4, min(half, 4))]
}

// otherCharacter replaces one character of a token, or adds one if it has none at that place.
func otherCharacter(token string, at int) string {
	if at < 0 || token == "" {
		return token + "A"
	}
	return token[:at] + string(contract.OtherCharacter(token[at])) + token[at+1:]
}

func alphanumeric(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// writtenPhone returns the state's phone as a person might write it.
func (w *World) writtenPhone(how string) (string, error) {
	phone := w.values.Phone
	digits := []rune(phone)
	insert := func(between string, at ...int) string {
		written := ""
		for i, digit := range digits {
			if slices.Contains(at, i) {
				written += between
			}
			written += string(digit)
		}
		return written
	}
	n := len(digits)
	if n < 4 {
		return "", fmt.Errorf("the state's phone has %d digits: too few to be written otherwise", n)
	}
	return map[string]string{
		"a space in front":        " " + phone,
		"a space at the end":      phone + " ",
		"a space inside":          insert(" ", n/2),
		"several spaces inside":   insert("     ", 1, n/2, n-1), // so many that a database column for phones may be too short
		"two spaces side by side": insert("  ", n/2),
		"spaces everywhere":       "  " + insert(" ", 1, n/2, n-1) + "  ",
		"dashes":                  insert("-", 3, n-2),
		"dots":                    insert(".", 3, n-2),
		"parentheses":             "(" + string(digits[:2]) + ")" + string(digits[2:]),
		"a leading zero":          "0" + phone,
		"a tab inside":            insert("\t", n/2),
		"a no-break space inside": insert("\u00a0", n/2),
	}[how], nil
}

// otherPhone returns a phone that resembles the state's in one way.
func (w *World) otherPhone(how string) (string, error) {
	own := strings.ReplaceAll(w.values.Phone, " ", "")
	if len(own) < 4 || strings.Trim(own, "0123456789") != "" {
		return "", &state.Skip{Reason: "the state's phone is not of four digits or more"}
	}
	changed := func(from, to int) string {
		digits := []byte(own)
		for i := from; i < to; i++ {
			digits[i] = '1' + (digits[i]-'0'+3)%9
		}
		return string(digits)
	}
	beginning := own[:len(own)-1]
	other := map[string]string{
		"another one":                                    changed(0, len(own)),
		"another one that ends alike":                    changed(0, 1),
		"another one that begins and ends alike":         changed(len(own)/2, len(own)/2+1),
		"its own without the first digit":                own[1:],
		"its own without the last digit":                 beginning,
		"its own with a digit before it":                 "9" + own,
		"its own and a digit more":                       own + "9",
		"its own with a percent sign for its last digit": beginning + "%",
		"its own with an underscore for its last digit":  beginning + "_",
		"its own with a point for its last digit":        beginning + ".",
		"another one that begins alike":                  beginning + "9", // where phones are given out in order, the last of ten
	}[how]
	if other == own { // one that ends in 9
		other = beginning + "8"
	}
	w.draft.foreign = how == "another one that begins alike"                                 // phones are often given out one after the other
	w.draft.undocumented = len(other) != len(own) || strings.Trim(other, "0123456789") != "" // a provider may check the form of a phone
	return other, w.skipIfTaken(w.values.CountryCode, other)
}

// moveDigit moves a digit between the country code and the phone, so that one after the other they stay the same text.
func (w *World) moveDigit(how string) error {
	code, phone := w.values.CountryCode, w.values.Phone
	switch toCode := strings.HasPrefix(how, "phone's front"); {
	case toCode && (len(code) > 3 || len(phone) < 4):
		return &state.Skip{Reason: "the state's country code has no room for a digit more, or its phone none to spare"}
	case toCode:
		code, phone = code+phone[:1], phone[1:]
	case len(code) < 3:
		return &state.Skip{Reason: "the state's country code has no digit to spare"}
	default:
		code, phone = code[:len(code)-1], code[len(code)-1:]+phone
	}
	w.draft.undocumented = true
	w.draft.set("countryCode", quoted(code))
	w.draft.set("phone", quoted(phone))
	return w.skipIfTaken(code, phone)
}

// skipIfTaken skips the scenario if a phone that it made up belongs to the environment.
func (w *World) skipIfTaken(countryCode, phone string) error {
	return skipIf(w.Taken != nil && w.Taken(countryCode, phone), "the phone that would be tried is one of the environment's own")
}

// otherCountryCode returns a country code under which the phone has no validation.
func (w *World) otherCountryCode(howMany string) (string, error) {
	own := w.values.CountryCode
	for _, code := range []string{"+507", "+506", "+593", "+598", "+1", "+52", "+34", "+57", "+49", "+7"} {
		if code == own || (len(code) == len(own)) != (howMany == "as many") || strings.HasPrefix(code, own) || strings.HasPrefix(own, code) {
			continue
		}
		if w.Taken == nil || !w.Taken(code, w.values.Phone) {
			return code, nil
		}
	}
	return "", &state.Skip{Reason: "every other country code that could be tried has a validation of its own for that phone"}
}

// nearCountryCode returns a country code that begins or ends like the validation's own, or the validation's own, malformed.
func (w *World) nearCountryCode(how string) (string, error) {
	own, first := w.values.CountryCode, "+4"
	if strings.HasPrefix(own, first) {
		first = "+3"
	}
	code := map[string]string{
		"without the first digit":  "+" + own[min(2, len(own)):],
		"without the last digit":   own[:max(len(own)-1, 0)],
		"with another first digit": first + own[min(2, len(own)):],
		"and a digit more":         own + "1",
		"without its plus":         strings.TrimPrefix(own, "+"),
		"and three digits more":    own + "111",
		"and a line break":         own + "\n",
	}[how]
	if slices.Contains([]string{"without its plus", "and three digits more", "and a line break"}, how) {
		return code, nil
	}
	w.draft.undocumented = true // a provider may know which country codes exist
	return code, cmp.Or(
		skipIf(len(code) < 2 || len(code) > 4, "the state's country code has no digit to spare, or no room for one more"),
		w.skipIfTaken(code, w.values.Phone))
}

// madeUpValue returns a made-up value that is not the validation's.
func (w *World) madeUpValue(words string) (string, error) {
	switch words { // ids that do not exist
	case "project":
		return "0b30557a9fc4e90e33587da2", nil
	case "project flow":
		return "b7d30f4ac61e95d82f0aec47", nil
	}
	own, err := w.known(words)
	others := slices.DeleteFunc(providerstate.Gateways(), func(gateway string) bool { return gateway == own })
	return others[0], err
}

// nearValue returns a value that differs in its last character, or else in its first.
func nearValue(own string, last bool) string {
	characters := []rune(own)
	if len(characters) == 0 {
		return ""
	}
	at, other := 0, '0'
	if last {
		at = len(characters) - 1
	}
	if characters[at] == other {
		other = '1'
	}
	characters[at] = other
	return string(characters)
}

// otherRegistrationValue returns the other registration's value, if it is not the validation's own.
func (w *World) otherRegistrationValue(words string) (string, error) {
	own, err := w.known(words)
	if err != nil {
		return "", err
	}
	value := valueOf(w.other, words)
	return value, cmp.Or(skipIf(value == "", "the other app registration's state yields no "+valueName(words)),
		skipIf(value == own, "the other app registration is of the same "+words))
}

// addOption adds an optional parameter to the request, by the features' words.
func (w *World) addOption(words string, value func(words string) (string, error)) error {
	text, err := value(words)
	w.draft.set(valueName(words), quoted(text))
	return err
}

// nameKnown adds those of some optional parameters whose own value the state yields.
func (w *World) nameKnown(words ...string) {
	for _, parameter := range words {
		if own := valueOf(w.values, parameter); own != "" {
			w.draft.set(valueName(parameter), quoted(own))
		}
	}
}

// valueName returns the name of a value in states and requests, by the features' words.
func valueName(words string) string {
	names := map[string]string{
		"id":                           providerstate.ValidationID,
		"face liveness recommendation": providerstate.FaceLiveness,
		"project flow":                 providerstate.ProjectFlow,
		"gateway":                      providerstate.PhoneGateway,
	}
	return cmp.Or(names[words], words)
}
