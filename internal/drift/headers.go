package drift

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// comparedHeaders returns the headers whose values are compared: those that a client may depend on, and those that
// identify the software that answers.
func comparedHeaders() []string {
	return []string{
		"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
		"Access-Control-Allow-Origin", "Allow", "Api-Version", "Cache-Control", "Content-Encoding",
		"Content-Language", "Content-Security-Policy", "Deprecation", "Location", "Ratelimit-Limit",
		"Ratelimit-Policy", "Server", "Strict-Transport-Security", "Sunset", "Vary", "Www-Authenticate",
		"X-Api-Version", "X-Content-Type-Options", "X-Powered-By", "X-Ratelimit-Limit",
	}
}

// variableHeaders returns the headers whose values differ each time: only their presence is compared.
func variableHeaders() []string {
	return []string{"Etag", "Ratelimit-Remaining", "Retry-After", "Set-Cookie", "X-Ratelimit-Remaining"}
}

// present stands for the value of a header of which only the presence is compared.
const present = "present"

// variable is how many different values of a header, in the answers of one status in one run, show that it differs each
// time.
const variable = 3

// headerValues holds the values that headers had in the judged answers of the two runs.
type headerValues map[headerOf][]string

// headerOf is a header in one run's answers of one status.
type headerOf struct {
	current bool
	status  int
	name    string
}

func valuesSeen(pairs []pair) headerValues {
	seen := headerValues{}
	for _, p := range pairs {
		for current, repetitions := range map[bool][]*result.Scenario{false: p.baseline, true: p.current} {
			for _, e := range calls(repetitions) {
				seen.add(current, e.Answer)
			}
		}
	}
	return seen
}

func (v headerValues) add(current bool, a *result.Answer) {
	for _, name := range comparedHeaders() {
		if a != nil {
			k := headerOf{current, a.Status, name}
			v[k] = group.With(v[k], header(*a, name))
		}
	}
}

// differs reports whether a header changed because the provider did: not if its value differs each time, nor if the
// other run saw each value too, as behind a load balancer.
func (v headerValues) differs(name string, status int, before, now string) bool {
	old, new := v[headerOf{false, status, name}], v[headerOf{true, status, name}]
	varies := before != "" && now != "" && (len(old) >= variable || len(new) >= variable)
	return before != now && !varies && (!slices.Contains(old, now) || !slices.Contains(new, before))
}

// compareHeaders compares the media type, its parameters, the protocol and the headers of interest.
func compareHeaders(before, now result.Answer, seen headerValues, record recorder) {
	typeBefore, parametersBefore := mediaType(before)
	typeNow, parametersNow := mediaType(now)
	record(result.NewMediaType, fmt.Sprintf("media type of a %d", now.Status), typeBefore, typeNow)
	if typeBefore == typeNow {
		record(result.NewHeader, "Content-Type's parameters", parametersBefore, parametersNow)
	}
	if before.Proto != "" && now.Proto != "" {
		record(result.NewHeader, "protocol", before.Proto, now.Proto)
	}
	for _, name := range comparedHeaders() {
		if b, n := header(before, name), header(now, name); seen.differs(name, now.Status, b, n) {
			record(result.NewHeader, name, b, n)
		}
	}
	for _, name := range variableHeaders() {
		shown := map[bool]string{true: present}
		record(result.NewHeader, name, shown[len(result.Header(before.Headers, name)) > 0], shown[len(result.Header(now.Headers, name)) > 0])
	}
}

// header returns a header's value, with what differs each time masked; present for a secret.
func header(a result.Answer, name string) string {
	values := slices.Sorted(slices.Values(result.Header(a.Headers, name)))
	value := strings.Join(values, ", ")
	if len(values) > 0 && value == "" || strings.Contains(value, redacted) {
		return present
	}
	return maskVolatile(value)
}

// mediaType returns the Content-Type in lower case, and its parameters.
func mediaType(a result.Answer) (name, parameters string) {
	value := strings.Join(result.Header(a.Headers, "Content-Type"), ", ")
	name, all, err := mime.ParseMediaType(value)
	if err != nil {
		return strings.ToLower(value), ""
	}
	delete(all, "boundary") // differs each time
	for k, v := range all {
		all[k] = strings.ToLower(v)
	}
	return name, strings.TrimPrefix(mime.FormatMediaType("x/x", all), "x/x")
}
