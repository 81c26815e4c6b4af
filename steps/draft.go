package steps

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
)

// draft is the request that a scenario shapes before it is sent. The zero value is the documentation's example:
// phone, countryCode and otp with the state's values, its token, and JSON as content type.
type draft struct {
	raw         map[string]string // JSON texts that stand in for the state's values, or beside them
	extra       []string          // keys beside the required ones, in order
	without     []string
	otpAt       string // first, middle, last; "": the documentation's order
	auth        auth
	contentType *string // nil: application/json; "": none
}

// auth is who a request says it comes from.
type auth string

const (
	ownToken     auth = ""
	noToken      auth = "without a token"
	basic        auth = "with made-up credentials instead of a token"
	unknownToken auth = "with an unknown token"
	otherToken   auth = "with the token of the other app registration"
	alteredToken auth = "with its own token altered"
)

// madeUpOTP is typed where there is no validation that it could be right for.
const madeUpOTP = "246813"

func (d *draft) set(key, raw string) {
	if d.raw == nil {
		d.raw = map[string]string{}
	}
	d.raw[key] = raw
	if !slices.Contains(contract.Required(), key) && !slices.Contains(d.extra, key) {
		d.extra = append(d.extra, key)
	}
}

// typedNumber is what may be an OTP in what a person types.
var typedNumber = regexp.MustCompile(`[0-9]{4,}`)

// body spells the request as JSON, its keys in a set order. Whatever is typed but the OTP that the tool made up is the
// right one or made from it, so that it could be worked out: no report shows it.
func (w *World) body(otp string) []byte {
	if otp != madeUpOTP {
		w.Secrets.Add(typedNumber.FindAllString(otp, -1)...)
	}
	raw := map[string]string{
		"phone":       quoted(w.values.Phone),
		"countryCode": quoted(w.values.CountryCode),
		"otp":         otp,
	}
	for key, text := range w.draft.raw {
		raw[key] = text
	}
	order := contract.Required()
	switch w.draft.otpAt {
	case "first":
		order = append([]string{"otp", "phone", "countryCode"}, w.draft.extra...)
	case "middle":
		order = append([]string{"phone", "otp", "countryCode"}, w.draft.extra...)
	case "last":
		order = append(append([]string{"phone", "countryCode"}, w.draft.extra...), "otp")
	default:
		order = append(order, w.draft.extra...)
	}
	var members []string
	for _, key := range order {
		if !slices.Contains(w.draft.without, key) {
			members = append(members, quoted(key)+":"+raw[key])
		}
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

func quoted(s string) string { return text.Value(s) }

// notJSON says why a text is not sent as the value of a parameter: the provider would refuse the whole request, and
// rightly. Digits are sent even with a zero in front, which JSON does not allow: how that is answered is worth
// knowing.
func notJSON(text string) string {
	if json.Valid([]byte(text)) || strings.Trim(text, "0123456789") == "" {
		return ""
	}
	return fmt.Sprintf("%q is not JSON: write text in quotation marks, with \\n for a line break, \\\" for a quotation mark and \\\\ for a backslash", text)
}

// notHeader says why a text cannot be the value of a header.
func notHeader(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return fmt.Sprintf("%q cannot be sent in a header: it holds a line break or another control character", text)
	}
	return ""
}

// sentString is a parameter as it is sent, where it is text.
func (w *World) sentString(key, own string) string {
	if raw, ok := w.draft.raw[key]; ok {
		var text string
		if json.Unmarshal([]byte(raw), &text) == nil {
			return text
		}
	}
	return own
}

// authorization is the header's value; "": none.
func (w *World) authorization() string {
	switch w.draft.auth {
	case noToken:
		return ""
	case basic:
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("nobody:"+hex.EncodeToString(random(6))))
	case unknownToken:
		token := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
			base64.RawURLEncoding.EncodeToString(random(45)) + "." + base64.RawURLEncoding.EncodeToString(random(32))
		w.keepSecret(token)
		return "Bearer " + token
	case alteredToken:
		altered := alter(w.values.Token)
		w.keepSecret(altered)
		return "Bearer " + altered
	case otherToken:
		return "Bearer " + w.other.Token
	default:
		return "Bearer " + w.values.Token
	}
}

// alter changes one character of a token: of a JWT one of its signature, well before the end, whose last bits a
// decoder may ignore.
func alter(token string) string {
	at := max(len(token)-8, 0)
	for at < len(token)-1 && !alphanumeric(token[at]) {
		at++
	}
	other := byte('A')
	if token[at] == 'A' || token[at] == 'a' {
		other = 'Q'
	}
	return token[:at] + string(other) + token[at+1:]
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}

// writtenPhone spells the state's phone in a way that a person might.
func writtenPhone(phone, how string) (string, error) {
	digits := []rune(phone)
	insert := func(between string, at ...int) string {
		var b strings.Builder
		for i, digit := range digits {
			if i > 0 && slices.Contains(at, i) {
				b.WriteString(between)
			}
			b.WriteRune(digit)
		}
		return b.String()
	}
	n := len(digits)
	if n < 4 {
		return "", fmt.Errorf("the state's phone has %d digits: too few to be written otherwise", n)
	}
	switch how {
	case "a space in front":
		return " " + phone, nil
	case "a space at the end":
		return phone + " ", nil
	case "a space inside":
		return insert(" ", n/2), nil
	case "several spaces inside":
		return insert(" ", 1, n/2, n-1), nil
	case "two spaces side by side":
		return insert("  ", n/2), nil
	case "spaces everywhere":
		return "  " + insert(" ", 1, n/2, n-1) + "  ", nil
	case "dashes":
		return insert("-", 3, n-2), nil
	case "dots":
		return insert(".", 3, n-2), nil
	case "parentheses":
		return "(" + string(digits[:2]) + ")" + string(digits[2:]), nil
	case "a leading zero":
		return "0" + phone, nil
	case "a tab inside":
		return insert("\t", n/2), nil
	case "a no-break space inside":
		return insert("\u00a0", n/2), nil
	}
	return "", fmt.Errorf("unknown way %q to write a phone", how)
}

// otherCountryCode is a country code that the phone has no validation under.
func (w *World) otherCountryCode(sameLength bool) (string, error) {
	own := w.values.CountryCode
	for _, code := range []string{"+506", "+593", "+507", "+598", "+52", "+34", "+57", "+49", "+1", "+7"} {
		if code == own || (len(code) == len(own)) != sameLength || strings.HasPrefix(code, own) || strings.HasPrefix(own, code) {
			continue
		}
		if w.Taken == nil || !w.Taken(code, w.values.Phone) {
			return code, nil
		}
	}
	return "", &state.Skip{Reason: "every other country code that could be tried has a validation of its own for that phone"}
}

// other makes a value that is not the validation's.
func (w *World) otherValue(words string) (key, value string, err error) {
	switch words {
	case "project", "project flow":
		return parameter(words), hex.EncodeToString(random(12)), nil
	case "gateway":
		own, err := w.known("gateway")
		if err != nil {
			return "", "", err
		}
		for _, gateway := range []string{"sms", "whatsapp", "none"} {
			if gateway != own {
				return parameter(words), gateway, nil
			}
		}
	}
	return "", "", fmt.Errorf("there is no other %s", words)
}

// told is the name that a state tells a value by, for a word of the features.
func told(words string) string {
	switch words {
	case "id":
		return "validationId"
	case "face liveness recommendation":
		return "showFaceLivenessRecommendation"
	}
	return parameter(words)
}

// parameter is the request's name for a word of the features.
func parameter(words string) string {
	switch words {
	case "project flow":
		return "projectFlow"
	case "gateway":
		return "phoneGateway"
	}
	return words
}
