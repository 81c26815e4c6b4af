package env

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// What an OTP source has that the file does not say.
const (
	defaultField = "otp"
	defaultEvery = time.Second
	defaultFor   = 60 * time.Second
)

func (r reader) otp(kind string) OTP {
	o := OTP{Kind: kind}
	switch kind {
	case OTPHTTP:
		o.Field = defaultField
		if field, ok := r.text("field"); ok {
			o.Field = field
		}
		o.URL = r.template("url")
		o.Every = r.duration("every", defaultEvery)
		o.For = r.duration("for", defaultFor)
		if o.Every > o.For {
			r.wrong("every", `is longer than "for"`, fmt.Sprintf("It would be asked once in %s at most: ask more often, or longer.", o.For))
		}
	case OTPCommand:
		o.Argv = r.argv("argv")
		o.Dir = r.path(".")
		o.For = r.duration("for", defaultFor)
	case OTPDemo:
		o.Value = r.code("value")
	}
	return o
}

// placeholders is what a template is filled with.
func placeholders() []string { return []string{"{countryCode}", "{phone}"} }

var braced = regexp.MustCompile(`\{[^{}]*\}?`)

// template reads a URL with placeholders. Braces have no other meaning in a URL.
func (r reader) template(name string) string {
	text, ok := r.text(name)
	if !ok {
		return ""
	}
	r.hideCredentials(name, text)
	filled := text
	for _, hole := range placeholders() {
		filled = strings.ReplaceAll(filled, hole, "0")
	}
	if braced.MatchString(filled) {
		r.wrong(name, "has braces that are no placeholder", fmt.Sprintf("Placeholders are %s.", strings.Join(placeholders(), " and ")))
		return ""
	}
	what, detail := handlerURL().check(filled)
	if what != "" {
		r.wrong(name, what, detail)
		return ""
	}
	return withASCIIHost(text)
}

// argv reads a command. It is run without a shell, so its first element is the program.
func (r reader) argv(name string) []string {
	items, ok := r.list(name)
	if ok && (len(items) == 0 || items[0].text == "") {
		r.wrong(name, "names no program", `Write ["./read-otp", "{countryCode}", "{phone}"]. No shell reads it.`)
		return nil
	}
	var argv []string
	for _, item := range items {
		if strings.ContainsRune(item.text, 0) {
			r.note(finding{at: item.at, summary: fmt.Sprintf("An element of %q holds a NUL character", name), detail: "Take it out."})
			continue
		}
		// Other braces may be the program's own; one that differs in case or in an underscore is a typing error.
		for _, hole := range braced.FindAllString(item.text, -1) {
			meant := slices.IndexFunc(placeholders(), func(p string) bool { return plain(p) == plain(hole) })
			if meant >= 0 && placeholders()[meant] != hole {
				r.note(finding{at: item.at, summary: fmt.Sprintf("An element of %q holds a misspelt placeholder", name),
					detail: fmt.Sprintf("Did you mean %s?", placeholders()[meant])})
			}
		}
		argv = append(argv, item.text)
	}
	return argv
}

// maxCode is the most digits of an OTP: what JSON carries as a number everywhere.
const maxCode = 15

// code reads an OTP, as a number or as digits.
func (r reader) code(name string) string {
	const how = "An OTP is up to 15 digits, and its first is not zero: it is sent as a number."
	value, ok := r.value(name)
	if !ok {
		return ""
	}
	var digits string
	switch value.Type() {
	case cty.Number:
		whole, accuracy := value.AsBigFloat().Int(nil)
		if accuracy != big.Exact || whole.Sign() < 0 {
			r.wrong(name, "is not an OTP", how)
			return ""
		}
		digits = whole.String()
	case cty.String:
		digits = value.AsString()
	}
	switch {
	case !isDigits(digits) || len(digits) > maxCode:
		r.wrong(name, "is not an OTP", how)
	case digits[0] == '0':
		r.wrong(name, "is an OTP with a leading zero", "It is sent as a number, which loses the zero. Give the project another OTP.")
	default:
		r.checkLength(digits, fmt.Sprintf("%q of %s", name, r.title), r.at(name))
		return digits
	}
	return ""
}
