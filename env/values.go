package env

import (
	"fmt"
	"math/big"
	"net"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"
	"golang.org/x/net/http/httpguts"

	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// str declares a string. An empty one counts as absent.
func str(name string, read func(field) any) attributeSpec {
	return attributeSpec{name: name, kind: cty.String, read: read, wrong: "is not a string", advice: "Write a text in quotes."}
}

func readText(f field) any { return f.text() }

// checked declares an attribute whose value parse checks and converts.
func checked[T any](name string, kind cty.Type, wrong, advice string, parse func(cty.Value) (T, bool)) attributeSpec {
	return attributeSpec{name: name, kind: kind, wrong: wrong, advice: advice, read: func(f field) any {
		if value, ok := parse(f.value); ok {
			return value
		}
		return nil
	}}
}

// textOfForm declares a string that has to fit.
func textOfForm(name string, fits func(string) bool, wrong, advice string) attributeSpec {
	return checked(name, cty.String, wrong, advice, func(v cty.Value) (string, bool) { return v.AsString(), fits(v.AsString()) })
}

func boolean(name string) attributeSpec {
	return checked(name, cty.Bool, "is neither true nor false", "Write true or false.", func(v cty.Value) (bool, bool) { return v.True(), true })
}

// integer declares a whole number from least to most.
func integer(name string, least, most, defaultValue int) attributeSpec {
	wrong := fmt.Sprintf("is not a whole number from %d to %d", least, most)
	return withDefault(checked(name, cty.Number, wrong, "Write a number without quotes and without a unit.", func(v cty.Value) (int, bool) {
		number, accuracy := v.AsBigFloat().Int64()
		return int(number), accuracy == big.Exact && number >= int64(least) && number <= int64(most)
	}), defaultValue)
}

// rate declares a number of calls a second.
func rate(name string) attributeSpec {
	return checked(name, cty.Number, "is not a number above 0", "It is how many calls go out a second. For no limit leave it out.", func(v cty.Value) (float64, bool) {
		rate, _ := v.AsBigFloat().Float64()
		return rate, rate > 0 && rate <= 1e9
	})
}

// duration declares a positive duration.
func duration(name string, defaultValue time.Duration) attributeSpec {
	return withDefault(checked(name, cty.String, "is not a duration of more than zero", `Write a number with its unit, as "500ms", "10s" or "2m".`, func(v cty.Value) (time.Duration, bool) {
		duration, err := time.ParseDuration(v.AsString())
		return duration, err == nil && duration > 0
	}), defaultValue)
}

func date(name string) attributeSpec {
	return checked(name, cty.String, "is not a date", `Write the last day as year-month-day: "2027-01-31".`, func(v cty.Value) (time.Time, bool) {
		date, err := time.ParseInLocation(time.DateOnly, v.AsString(), time.UTC)
		return date, err == nil
	})
}

// list declares a list of strings. read checks each element, so that each gets a problem of its own.
func list(name string, read func(field) any, example string) attributeSpec {
	return attributeSpec{name: name, kind: cty.List(cty.String), read: read, wrong: "is not a list of strings", advice: "Write " + example + "."}
}

var phoneForm = regexp.MustCompile(`^(\+[0-9]{1,3}) ([0-9]{4,15})$`)

func readPhones(f field) any {
	var phones []Phone
	known := map[Phone]bool{}
	for _, item := range f.items() {
		match := phoneForm.FindStringSubmatch(item.text)
		if match == nil {
			f.note(item.at, fmt.Sprintf("An element of %q is not a phone", f.name),
				`Write the country code, one space and the number in digits: "+507 62647737".`)
			continue
		}
		phone := Phone{CountryCode: match[1], Number: match[2]}
		if known[phone] {
			f.note(item.at, fmt.Sprintf("A phone occurs twice in %q", f.name), "A phone serves one scenario at a time, so list it once.")
			continue
		}
		known[phone] = true
		phones = append(phones, phone)
	}
	return phones
}

// readArgv reads a program and its arguments; no shell runs them.
func readArgv(f field) any {
	return group.Map(f.items(), func(i item) string { return i.text })
}

// readToken reads a bearer token, which is put into a header as it is.
func readToken(f field) any {
	if fault := providerstate.TokenFault(f.text()); fault != "" {
		return f.complain(fault, "Give the token alone: the word Bearer is added to it.")
	}
	return f.text()
}

func isOTP(text string) bool { return providerstate.OTPFault(text) == "" }

// isAddress reports whether a text is an address to listen on.
func isAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	_, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && bad == nil && (host == "" || isHostName(host))
}

func isHostName(name string) bool { return net.ParseIP(name) != nil || hostForm().MatchString(name) }

var hostForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w-]{1,63}(?:\.[\w-]{1,63})*$`) })

// headers declares HTTP headers: any except those that the tool sets itself, apart from the allowed ones.
func headers(allowed ...string) attributeSpec {
	own := []string{"Authorization", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Host", "Accept-Encoding"}
	own = slices.DeleteFunc(own, func(header string) bool { return slices.Contains(allowed, header) })
	return attributeSpec{name: "headers", kind: cty.Map(cty.String), wrong: "is not a map of strings", advice: `Write { Name = "value" }.`, read: func(f field) any {
		headers := map[string]string{}
		for _, item := range f.items() {
			f.readHeader(item, own, headers)
		}
		return headers
	}}
}

// readHeader checks one header and adds it to a map under its canonical name.
func (f field) readHeader(item item, own []string, headers map[string]string) {
	name := textproto.CanonicalMIMEHeaderKey(item.key)
	if secret.Header(name) {
		_, credential, _ := strings.Cut(item.text, " ") // after the scheme, as in "Bearer x"
		f.secrets.Add(item.text, credential)
		f.checkLength(item.text, "The header "+name, item.at)
		f.hide(item.value)
	}
	_, duplicate := headers[name]
	switch {
	case !httpguts.ValidHeaderFieldName(item.key):
		f.note(item.at, fmt.Sprintf("A key of %q is not a header's name", f.name), "A header's name has letters, digits and -, as X-Env.")
	case slices.Contains(own, name):
		f.hide(item.value)
		f.note(item.at, fmt.Sprintf("The header %s cannot be set", name), "Take it out: the tool sets it itself.")
	case duplicate:
		f.note(item.at, fmt.Sprintf("The header %s is given twice", name),
			"Upper and lower case make no difference in a header's name. Keep one of the two.")
	case !httpguts.ValidHeaderFieldValue(item.text):
		f.note(item.at, fmt.Sprintf("The value of header %s holds a line break or another control character", name), "A header's value is one line.")
	default:
		headers[name] = item.text
	}
}
