package drift

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"verifik-contract/internal/result"
)

// comparedHeaders is the headers that are compared by value: those that a client may depend on and that tell of the
// software that answers.
func comparedHeaders() []string {
	return []string{
		"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
		"Access-Control-Allow-Origin", "Allow", "Api-Version", "Cache-Control", "Content-Encoding",
		"Content-Language", "Content-Security-Policy", "Deprecation", "Location", "Ratelimit-Limit",
		"Ratelimit-Policy", "Server", "Strict-Transport-Security", "Sunset", "Vary", "Www-Authenticate",
		"X-Api-Version", "X-Content-Type-Options", "X-Powered-By", "X-Ratelimit-Limit",
	}
}

// notedHeaders is the headers whose values are another each time and whose presence is compared.
func notedHeaders() []string {
	return []string{"Etag", "Ratelimit-Remaining", "Retry-After", "Set-Cookie", "X-Ratelimit-Remaining"}
}

// present stands for the value of a header that is only looked for.
const present = "present"

// many is from how many values on, in answers of one status of one run, a header is taken to be another each time.
const many = 3

// headerValues is the values that headers had in the judged answers of the two runs.
type headerValues map[headerOf]map[string]bool

// headerOf is a header in the answers of one status in one of the runs.
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
			if v[k] == nil {
				v[k] = map[string]bool{}
			}
			v[k][header(*a, name)] = true
		}
	}
}

// differs reports whether the change of a header is one of the provider: not where the header is another each time,
// or where each value was seen in the other run as well, as behind a load balancer.
func (v headerValues) differs(name string, status int, before, now string) bool {
	old, new := v[headerOf{false, status, name}], v[headerOf{true, status, name}]
	changes := before != "" && now != "" && (len(old) >= many || len(new) >= many)
	return before != now && !changes && (!old[now] || !new[before])
}

// compareHeaders compares the media type, its parameters, the protocol and the headers of interest.
func compareHeaders(before, now result.Answer, seen headerValues, note noting) {
	typeBefore, parametersBefore := mediaType(before)
	typeNow, parametersNow := mediaType(now)
	note(result.NewMediaType, fmt.Sprintf("media type of a %d", now.Status), typeBefore, typeNow)
	if typeBefore == typeNow {
		note(result.NewHeader, "Content-Type's parameters", parametersBefore, parametersNow)
	}
	if before.Proto != "" && now.Proto != "" {
		note(result.NewHeader, "protocol", before.Proto, now.Proto)
	}
	for _, name := range comparedHeaders() {
		if b, n := header(before, name), header(now, name); seen.differs(name, now.Status, b, n) {
			note(result.NewHeader, name, b, n)
		}
	}
	for _, name := range notedHeaders() {
		shown := map[bool]string{true: present}
		note(result.NewHeader, name, shown[len(result.Header(before.Headers, name)) > 0], shown[len(result.Header(now.Headers, name)) > 0])
	}
}

// header is a header's value, without what is another each time; of a secret only that it is there.
func header(a result.Answer, name string) string {
	values := slices.Sorted(slices.Values(result.Header(a.Headers, name)))
	value := strings.Join(values, ", ")
	if len(values) > 0 && value == "" || strings.Contains(value, redacted) {
		return present
	}
	return stable(value)
}

// mediaType is the Content-Type in lower case, and its parameters apart.
func mediaType(a result.Answer) (name, parameters string) {
	value := strings.Join(result.Header(a.Headers, "Content-Type"), ", ")
	name, all, err := mime.ParseMediaType(value)
	if err != nil {
		return strings.ToLower(value), ""
	}
	delete(all, "boundary") // another each time
	for k, v := range all {
		all[k] = strings.ToLower(v)
	}
	return name, strings.TrimPrefix(mime.FormatMediaType("x/x", all), "x/x")
}
