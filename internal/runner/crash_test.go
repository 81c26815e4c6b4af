package runner

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
)

// around returns rules whose scenarios are answered, with others between them.
func around(between ...string) string {
	text := ""
	for i := range 8 {
		text += rule(fmt.Sprintf("@PV-%d @must", 60+i), rightOTP(fmt.Sprintf("right %d", 2*i)), rightOTP(fmt.Sprintf("right %d", 2*i+1)))
		if i == 4 {
			text += strings.Join(between, "")
		}
	}
	return text
}

// wanting returns a scenario whose request has no phone, on which the provider fails.
func wanting(name string) string {
	return scenarioOf(name, "Given there is no phone validation", "And the request leaves out phone", "When the person types any OTP", "Then the answer is that phone is missing")
}

// crashed returns the diagnoses of broken scenarios, by name.
func crashed(o *result.Run) map[string]string {
	all := map[string]string{}
	for _, s := range o.Scenarios {
		if s.Verdict == result.Broken {
			all[s.Rule+" "+s.Name] = s.Diagnosis
		}
	}
	return all
}

const (
	onlyThis = "only this request, each time: the provider fails on it"
	thisKind = "only requests of this kind (PV-05), each time: the provider fails on them"
	twoKinds = "only requests of these kinds (PV-05, PV-06), each time: the provider fails on them"
)

func TestRequestsThatAreNeverAnsweredAreDiagnosed(t *testing.T) {
	one := around(rule("@PV-05 @must", wanting("no phone")))
	several := around(rule("@PV-05 @must", wanting("no phone"), wanting("no phone again"), wanting("and again")))
	between := []string{wanting("first")}
	for i := range 7 {
		between = append(between, rightOTP(fmt.Sprintf("between %d", i)))
	}
	mixed := around(rule("@PV-05 @must", append(between, wanting("last"))...), rule("@PV-06 @must", wanting("beside it")))
	apart := around(rule("@PV-05 @must", append([]string{wanting("a"), wanting("b")}, between[1:]...)...), rule("@PV-06 @must", wanting("c"), wanting("d")))
	long := make([]string, 8)
	for i := range long {
		wrong := "And the person types a wrong OTP"
		long[i] = scenarioOf(fmt.Sprint("long ", i), "Given there is a pending phone validation", "When the person types a wrong OTP", wrong, wrong, wrong, wrong, "Then the OTP is not accepted")
	}
	for name, c := range map[string]struct {
		feature string
		retries int
		repeat  int
		fail    func(http.ResponseWriter) bool
		chance  map[int]bool // other PUTs that are lost, counted from 1
		want    map[string]string
	}{
		"dropped each time":                                  {one, 2, 1, lost, nil, map[string]string{"PV-05 no phone": onlyThis}},
		"answered 503 each time":                             {one, 2, 1, status(503), nil, map[string]string{"PV-05 no phone": onlyThis}},
		"answered 502 in each repetition":                    {one, 0, 3, status(502), nil, map[string]string{"PV-05 no phone": onlyThis}},
		"once: it may be chance":                             {one, 0, 1, lost, nil, map[string]string{"PV-05 no phone": ""}},
		"answered 429 each time: it limits":                  {one, 2, 1, status(429), nil, map[string]string{"PV-05 no phone": ""}},
		"each of a kind":                                     {several, 0, 1, lost, nil, map[string]string{"PV-05 no phone": thisKind, "PV-05 no phone again": thisKind, "PV-05 and again": thisKind}},
		"each of a kind, and one by chance":                  {several, 0, 1, status(504), map[int]bool{3: true}, map[string]string{"PV-61 right 2": "", "PV-05 no phone": thisKind, "PV-05 no phone again": thisKind, "PV-05 and again": thisKind}},
		"more of a kind than stop a run":                     {around(rule("@PV-05 @must", wanting("a"), wanting("b"), wanting("c"), wanting("d"), wanting("e"), wanting("f"))), 0, 1, lost, nil, map[string]string{"PV-05 a": thisKind, "PV-05 b": thisKind, "PV-05 c": thisKind, "PV-05 d": thisKind, "PV-05 e": thisKind, "PV-05 f": thisKind}},
		"two kinds, in each repetition":                      {around(rule("@PV-05 @must", wanting("no phone"), wanting("no phone again"), wanting("and again")), rule("@PV-06 @must", wanting("neither"))), 0, 3, lost, nil, map[string]string{"PV-05 no phone": thisKind, "PV-05 no phone again": thisKind, "PV-05 and again": thisKind, "PV-06 neither": onlyThis}},
		"many requests in each, of which one in six is lost": {around(rule("@PV-05 @must", long...)), 0, 1, nil, map[int]bool{6: true, 12: true, 18: true, 24: true}, map[string]string{"PV-05 long 1": "", "PV-05 long 3": "", "PV-05 long 5": "", "PV-05 long 7": ""}},
		"each of two kinds":                                  {apart, 2, 1, lost, nil, map[string]string{"PV-05 a": twoKinds, "PV-05 b": twoKinds, "PV-06 c": twoKinds, "PV-06 d": twoKinds}},
		"beside one that is explained":                       {mixed, 2, 1, lost, nil, map[string]string{"PV-05 first": thisKind, "PV-05 last": thisKind, "PV-06 beside it": onlyThis}},
		"an outage loses whatever is sent":                   {one, 2, 1, nil, map[int]bool{4: true, 5: true, 6: true, 7: true, 8: true, 9: true}, map[string]string{"PV-61 right 3": "", "PV-62 right 4": ""}},
		"each time, and others lost once: a busy one":        {one, 2, 1, lost, map[int]bool{3: true}, map[string]string{"PV-05 no phone": onlyThis}},
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int32
			o, _ := trial{
				feature: c.feature, retries: c.retries, selection: plan.Selection{Repeat: c.repeat},
				options: func(o *Options) { o.StopAfter = 5 },
				put: func(_ int, w http.ResponseWriter, r *http.Request) bool {
					if c.chance[int(n.Add(1))] {
						return lose()
					}
					body, err := io.ReadAll(r.Body)
					r.Body = io.NopCloser(bytes.NewReader(body))
					return err == nil && !bytes.Contains(body, []byte(`"phone"`)) && c.fail != nil && c.fail(w)
				},
			}.run(t, t.Context())
			require.Empty(t, o.Stopped)
			require.Equal(t, c.want, crashed(o))
		})
	}
}

func TestKindsOfRequestsThatFailInDifferentWaysAreDifferentCauses(t *testing.T) {
	neither := func(name string) string {
		return scenarioOf(name, "Given there is no phone validation", "And the request leaves out phone and otp", "When the person types any OTP", "Then the answer is that phone and otp are missing")
	}
	between := make([]string, 6)
	for i := range between {
		between[i] = rightOTP(fmt.Sprintf("between %d", i))
	}
	o, _ := trial{
		feature: around(rule("@PV-05 @must", append([]string{wanting("a"), wanting("b")}, between...)...), rule("@PV-06 @must", neither("c"), neither("d"))),
		retries: 2,
		put: func(_ int, w http.ResponseWriter, r *http.Request) bool {
			body, err := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			switch {
			case err != nil || bytes.Contains(body, []byte(`"phone"`)):
				return false
			case bytes.Contains(body, []byte(`"otp"`)):
				return lose()
			}
			return status(503)(w)
		},
	}.run(t, t.Context())
	other := strings.Replace(thisKind, "PV-05", "PV-06", 1)
	require.Equal(t, map[string]string{"PV-05 a": thisKind, "PV-05 b": thisKind, "PV-06 c": other, "PV-06 d": other}, crashed(o))
}

func TestARequestThatFailsInEachOfManyRepetitionsIsDiagnosed(t *testing.T) {
	steps := []string{"Given there is a pending phone validation", "When the person types a wrong OTP"}
	for range 15 {
		steps = append(steps, "And the person types a wrong OTP")
	}
	long := scenarioOf("long", append(steps, "Then the OTP is not accepted")...)
	o, _ := trial{feature: around(rule("@PV-05 @must", long)), selection: plan.Selection{Repeat: 300}}.prepare(t)
	r := &run{Options: o, whole: requested(o), lost: map[int]int{}}
	for i, s := range o.Plan.Scenarios {
		one := unrun(s, result.Passed, "")
		if s.Name == "long" {
			one.Verdict, r.lost[i] = result.Broken, 1
		}
		r.sent = append(r.sent, sentPut{int64(i), i, s.Name == "long"})
		r.whole.Scenarios = append(r.whole.Scenarios, one)
	}
	r.diagnoseCrashes()
	require.Equal(t, map[string]string{"PV-05 long": onlyThis}, crashed(r.whole))
}

func TestARunThatLeftOutAScenarioStillDiagnosesTheOthers(t *testing.T) {
	o, _ := trial{feature: around(rule("@PV-05 @must", wanting("no phone"))) + rule("@PV-06 @must", wanting("left out"))}.prepare(t)
	r := &run{Options: o, whole: requested(o), lost: map[int]int{}}
	for i, s := range o.Plan.Scenarios {
		one := unrun(s, result.Passed, "")
		switch s.Name {
		case "no phone":
			one.Verdict, r.lost[i] = result.Broken, 3
			for range r.lost[i] {
				r.sent = append(r.sent, sentPut{int64(i), i, true})
			}
		case "left out":
			one.Verdict = ""
		default:
			r.sent = append(r.sent, sentPut{int64(i), i, false})
		}
		r.whole.Scenarios = append(r.whole.Scenarios, one)
	}
	r.conclude(t.Context())
	require.Contains(t, r.whole.Stopped, "godog did not run ")
	require.Equal(t, map[string]string{"PV-05 no phone": onlyThis}, crashed(r.whole))
}
