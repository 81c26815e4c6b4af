package contract

import (
	"fmt"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

const dialect403 = `{"message":"otp_does_not_match","code":"Forbidden"}`

func TestDiagnosesOfFailures(t *testing.T) {
	checks := newChecks(t)
	refused := func(words string) func(exchange.Exchange) []Finding {
		d := checks.AnswerByWords(words)
		require.NotZero(t, d)
		return func(e exchange.Exchange) []Finding { return checks.Refused(e, d) }
	}
	noMatch, notFound := refused("the OTP does not match"), refused("no phone validation was found")
	expired, countryCode := refused("the OTP has expired"), refused("the country code is badly written")
	validated := func(e exchange.Exchange) []Finding { return checks.Validated(e, exampleRequest) }
	missing := func(e exchange.Exchange) []Finding { return checks.Missing(e, checks.Endpoint().Required) }
	for name, test := range map[string]struct {
		rule   string
		check  func(exchange.Exchange) []Finding
		status int
		body   string
		key    string // "": not explained
	}{
		"a wrong OTP is accepted":         {"PV-02", noMatch, 200, documented200, "otp-not-compared"},
		"the other envelope":              {"PV-02", noMatch, 403, dialect403, "dialect"},
		"the other envelope, expired":     {"PV-07", expired, 412, `{"message":"phoneValidation_has_expired","code":"PreconditionFailed"}`, "dialect"},
		"the other envelope, missing":     {"PV-04", missing, 409, `{"message":"MissingParameter","code":"Conflict"}`, "dialect"},
		"no prefix":                       {"PV-02", noMatch, 403, `{"code":"otp_does_not_match","message":"otp_does_not_match"}`, "no-prefix"},
		"another prefix":                  {"PV-02", noMatch, 403, `{"code":"otp_does_not_match","message":"404:otp_does_not_match"}`, ""},
		"an expired OTP is accepted":      {"PV-07", expired, 200, documented200, "expiry-not-looked-at"},
		"an expired OTP is not found":     {"PV-07", expired, 404, documented404, "only-unexpired-found"},
		"an expired OTP does not match":   {"PV-07", expired, 403, documented403, "wrong-before-expired"},
		"a bad country code is accepted":  {"PV-06", countryCode, 200, documented200, "format-not-checked"},
		"a bad country code is looked up": {"PV-06", countryCode, 404, documented404, "looked-up-first"},
		"missing and looked up":           {"PV-04", missing, 404, documented404, "looked-up-first"},
		"spaces are kept":                 {"PV-08", validated, 404, documented404, "spaces-kept"},
		"another project is accepted":     {"PV-11", checks.NothingFound, 200, documented200, "narrowing-ignored"},
		"another code is accepted":        {"PV-21", checks.NothingFound, 200, documented200, "country-code-ignored"},
		"spent":                           {"PV-17", validated, 404, documented404, "spent"},
		"a foreign token is accepted":     {"PV-16", func(e exchange.Exchange) []Finding { return checks.NotAccepted(e, "the request is refused") }, 200, documented200, "token-not-looked-at"},
		"the OTP as text only":            {"PV-09", validated, 409, `{"code":"MissingParameter","message":"missing otp"}`, "otp-not-a-number"},
		"a conflict over the OTP":         {"PV-09", validated, 409, `{"code":"x","message":"y"}`, "otp-not-a-number"},
		"the body is not read":            {"PV-01", validated, 409, documented409, "body-not-read"},
		"the phone is not read":           {"PV-02", noMatch, 409, `{"code":"MissingParameter","message":"missing phone\n. missing otp"}`, "parameter-lost"},
		"the plus is lost":                {"PV-01", validated, 409, documented409CountryCode, "plus-mangled"},
		"the plus comes back as a space":  {"PV-01", validated, 200, with(documented200, `"+507"`, `" 507"`), "plus-mangled"},
		"the plus comes back escaped":     {"PV-01", validated, 200, with(documented200, `"+507"`, `"%2B507"`), "plus-mangled"},
		"the plus is left out":            {"PV-01", validated, 200, with(documented200, `"+507"`, `"507"`), ""},
		"the media type is refused":       {"PV-01", validated, 415, `{}`, "content-type-changed"},
		"a right body under 200":          {"PV-02", noMatch, 200, documented403, "status-rewritten"},
		"a right body under 400":          {"PV-04", missing, 400, documented409, "status-rewritten"},
		"a right body under 500":          {"PV-03", notFound, 500, documented404, "status-rewritten"},
		"an error's body under 200":       {"PV-16", func(e exchange.Exchange) []Finding { return checks.NotAccepted(e, "the request is refused") }, 200, `{"code":"Unauthorized","message":"no token"}`, "status-rewritten"},
		"another parameter is missing":    {"PV-01", validated, 400, `{"code":"MissingParameter","message":"missing project"}`, ""},
		"missing in other words":          {"PV-05", missing, 400, `{"code":"MissingParameter","message":"Missing PHONE, missing OTP"}`, "parameter-lost"},
		"missing, and the token refused":  {"PV-01", validated, 401, `{"code":"MissingParameter","message":"missing project"}`, "token-refused"},
		"a success under 201":             {"PV-01", validated, 201, documented200, "status-rewritten"},
		"another code under 404":          {"PV-07", expired, 404, `{"code":"x","message":"412:phoneValidation_has_expired"}`, "only-unexpired-found"},
		"already validated at first":      {"PV-01", validated, 409, `{"message":"phone_validation_already_validated","code":"Conflict"}`, "sent-twice"},
		"another phone":                   {"PV-01", validated, 200, with(documented200, "62647737", "61234567"), "another-answer"},
		"a masked phone":                  {"PV-01", validated, 200, with(documented200, "62647737", "*****737"), ""},
		"gzip":                            {"PV-01", validated, 200, "\x1f\x8b\x08\x00\x00", "body-gzip"},
		"deflate":                         {"PV-02", noMatch, 403, "\x78\x9c\xab\x56", "body-binary"},
		"zstd":                            {"PV-02", noMatch, 403, "\x28\xb5\x2f\xfd\x04", "body-binary"},
		"brotli":                          {"PV-02", noMatch, 403, "\x1b\x3f\x00\x00\x04\xca", "body-binary"},
		"brotli, quick":                   {"PV-02", noMatch, 403, "\x0b\x0e\x80{\"cod", "body-binary"},
		"something encrypted":             {"PV-02", noMatch, 403, "\xd4\x99\x00\x17\xca", "body-binary"},
		"UTF-16 with a mark":              {"PV-02", noMatch, 403, "\xff\xfe{\x00", "body-utf-16"},
		"UTF-16 without one":              {"PV-02", noMatch, 403, "\x00{\x00\"", "body-utf-16"},
		"UTF-32":                          {"PV-02", noMatch, 403, "\xff\xfe\x00\x00{\x00\x00\x00", "body-utf-16"},
		"encoded twice":                   {"PV-02", noMatch, 403, `"{\"code\":\"otp_does_not_match\",\"message\":\"403:otp_does_not_match\"}"`, "body-encoded-twice"},
		"a text":                          {"PV-02", noMatch, 403, `"otp_does_not_match"`, ""},
		"a sentence":                      {"PV-02", noMatch, 403, "Operación inválida", ""},
		"an HTML page":                    {"PV-02", noMatch, 403, "\n<!DOCTYPE html><title>x", "body-html"},
		"XML":                             {"PV-02", noMatch, 403, "<?xml version='1.0'?><e/>", "body-xml"},
		"the own token is refused":        {"PV-01", validated, 401, `{}`, "token-refused"},
		"no envelope":                     {"PV-01", validated, 200, `{"status":"validated"}`, "no-envelope"},
		"no envelope, and no status":      {"PV-01", validated, 200, `{"id":"1"}`, ""},
		"no message, and HTTP's own code": {"PV-03", notFound, 404, `{"code":"NotFound"}`, ""},
		"500":                             {"PV-03", notFound, 500, `oops`, "failed-inside"},
		"nothing that is known":           {"PV-01", validated, 200, `{"data":{}}`, ""},
		"a hostile body":                  {"PV-01", validated, 200, "\x00\xff", "body-binary"},
	} {
		t.Run(name, func(t *testing.T) {
			e := answeredWith(test.status, test.body)
			findings := test.check(e)
			require.NotEmpty(t, findings)
			for i := range findings {
				findings[i].Rule, findings[i].Exchange = test.rule, 0
			}
			d, ok := newChecks(t).Diagnose(test.rule, findings, []exchange.Exchange{e})
			require.Equal(t, test.key != "", ok)
			require.Equal(t, test.key, d.Key)
			require.Equal(t, ok, d.Text != "")
			require.NotContains(t, d.Text, "\n")
		})
	}
}

func TestAPhoneWithSpacesThatIsNotFoundExplainsTheFailuresOfOtherRules(t *testing.T) {
	answered := func(phone string, status int, body string) exchange.Exchange {
		e := answeredWith(status, body)
		e.Request.Body = []byte(`{"phone":"` + phone + `","countryCode":"+507","otp":123456}`)
		return e
	}
	const spaced, plain = " 62 647737", "62647737"
	for name, c := range map[string]struct {
		rule string
		puts []exchange.Exchange
		key  string
	}{
		"a wrong OTP":                     {"PV-02", []exchange.Exchange{answered(spaced, 404, documented404)}, "spaces-kept"},
		"an expired OTP":                  {"PV-07", []exchange.Exchange{answered(spaced, 404, documented404)}, "spaces-kept"},
		"a wrong OTP, then the right one": {"PV-17", []exchange.Exchange{answered(spaced, 404, documented404), answered(spaced, 404, documented404)}, "spaces-kept"},
		"it was found before":             {"PV-17", []exchange.Exchange{answered(spaced, 403, documented403), answered(spaced, 404, documented404)}, "spent"},
		"without spaces":                  {"PV-07", []exchange.Exchange{answered(plain, 404, documented404)}, "only-unexpired-found"},
		"another answer":                  {"PV-07", []exchange.Exchange{answered(spaced, 403, documented403)}, "wrong-before-expired"},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := newChecks(t).Diagnose(c.rule, []Finding{{Exchange: len(c.puts) - 1}}, c.puts)
			require.Equal(t, c.key, d.Key)
		})
	}
}

func TestThatAPhoneWithSpacesIsFoundRulesOutThatTheyAreKept(t *testing.T) {
	answered := func(phone string, status int, body string) exchange.Exchange {
		e := answeredWith(status, body)
		e.Request.Body = []byte(`{"phone":"` + phone + `","countryCode":"+507","otp":123456}`)
		return e
	}
	const inside = "62 647737"
	for name, c := range map[string]struct {
		rule, key string
		elsewhere exchange.Exchange
	}{
		"found":             {"PV-07", "only-unexpired-found", answered(inside, 200, documented200)},
		"found, and wrong":  {"PV-07", "only-unexpired-found", answered(inside, 403, documented403)},
		"of another rule":   {"PV-02", "", answered(inside, 200, documented200)},
		"of PV-08 itself":   {"PV-08", "spaces-kept", answered(inside, 200, documented200)},
		"not found":         {"PV-07", "spaces-kept", answered(inside, 404, documented404)},
		"not looked for":    {"PV-07", "spaces-kept", answered(inside, 409, documented409)},
		"found if trimmed":  {"PV-07", "spaces-kept", answered(" 62647737 ", 200, documented200)},
		"found without any": {"PV-07", "spaces-kept", answered("62647737", 200, documented200)},
	} {
		t.Run(name, func(t *testing.T) {
			d, ok := newChecks(t).Diagnose(c.rule, []Finding{{}}, []exchange.Exchange{answered(inside, 404, documented404)})
			require.True(t, ok)
			require.Equal(t, "spaces-kept", d.Key)
			d = d.Reconsider(newChecks(t).Traces(aToken, []exchange.Exchange{c.elsewhere}))
			require.Equal(t, c.key, d.Key)
			require.Equal(t, c.key == "", d.Text == "")
		})
	}
}

func TestAWrongOTPThatWasAcceptedExplainsTheRefusalOfTheRightOne(t *testing.T) {
	typed := func(phone, otp string, status int, body string) exchange.Exchange {
		e := answeredWith(status, body)
		e.Request.Body = []byte(`{"phone":"` + phone + `","countryCode":"+507","otp":` + otp + `}`)
		return e
	}
	right := typed("62647737", "123456", 404, documented404)
	noPhone, noOTP := answeredWith(200, documented200), answeredWith(200, documented200)
	noPhone.Request.Body, noOTP.Request.Body = []byte(`{"countryCode":"+507","otp":123456}`), []byte(`{"phone":"62647737","countryCode":"+507"}`)
	for name, c := range map[string]struct {
		rule   string
		before exchange.Exchange
		key    string
	}{
		"accepted":                   {"PV-17", typed("62 647737", "123457", 200, documented200), "otp-not-compared"},
		"accepted, and read back":    {"PV-22", typed("62647737", "123457", 200, documented200), "otp-not-compared"},
		"refused":                    {"PV-17", typed("62647737", "123457", 403, documented403), "spent"},
		"the right one, accepted":    {"PV-17", typed("62647737", "123456", 200, documented200), "accepted-before"},
		"accepted for another phone": {"PV-17", typed("62647738", "123457", 200, documented200), "accepted-before"},
		"the right one, no phone":    {"PV-22", noPhone, ""},
		"no OTP":                     {"PV-17", noOTP, "accepted-before"},
		"no OTP, and read back":      {"PV-22", noOTP, ""},
		"another rule":               {"PV-12", typed("62647737", "123457", 200, documented200), ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := newChecks(t).Diagnose(c.rule, []Finding{{Exchange: 1}}, []exchange.Exchange{c.before, right})
			require.Equal(t, c.key, d.Key)
		})
	}
}

func TestASuccessThatWasNotDueExplainsWhatIsReadBack(t *testing.T) {
	success, refused, back := answeredWith(200, documented200), answeredWith(412, documented412), read(200, `{"data":{"status":"validated"}}`)
	for rule, key := range map[string]string{"PV-07": "expiry-not-looked-at", "PV-11": "narrowing-ignored", "PV-16": "token-not-looked-at", "PV-21": "country-code-ignored", "PV-12": ""} {
		for wanted, first := range map[string]exchange.Exchange{key: success, "": refused} {
			d, _ := newChecks(t).Diagnose(rule, []Finding{{Exchange: 2, Path: "$.data.status"}}, []exchange.Exchange{first, refused, back})
			require.Equal(t, wanted, d.Key, rule)
			if rule == "PV-21" && wanted != "" { // its scenarios ask for another phone as often as for another country code
				require.Contains(t, d.Text, "are the phone and the country code both compared")
			}
		}
	}
}

func TestFailuresWithoutADiagnosis(t *testing.T) {
	for name, diagnose := range map[string]func() (Diagnosis, bool){
		"no finding": func() (Diagnosis, bool) {
			return newChecks(t).Diagnose("PV-02", nil, []exchange.Exchange{answeredWith(200, documented200)})
		},
		"no exchange": func() (Diagnosis, bool) { return newChecks(t).Diagnose("PV-02", []Finding{{}}, nil) },
		"no answer": func() (Diagnosis, bool) {
			return newChecks(t).Diagnose("PV-02", []Finding{{}}, []exchange.Exchange{unanswered(exchange.CauseLost)})
		},
		"only a read-back": func() (Diagnosis, bool) {
			return newChecks(t).Diagnose("PV-02", []Finding{{}}, []exchange.Exchange{read(200, documented200)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, ok := diagnose()
			require.False(t, ok)
			require.Zero(t, d)
		})
	}
}

func TestTheDialectExplainsOnlyAnswersInIt(t *testing.T) {
	wrong, right := answeredWith(403, dialect403), answeredWith(404, documented404)
	// PV-17: a wrong OTP in the dialect, which nobody judges there, then the right one, which is refused.
	d, ok := newChecks(t).Diagnose("PV-17", []Finding{{Exchange: 1}}, []exchange.Exchange{wrong, right})
	require.True(t, ok)
	require.Equal(t, "spent", d.Key, "what failed is the second answer, which is no dialect")

	// PV-22: the validation is validated after a wrong OTP; the answer to the PUT is not what failed.
	back := read(200, `{"data":{"status":"validated"}}`)
	_, ok = newChecks(t).Diagnose("PV-22", []Finding{{Exchange: 1, Path: "$.data.status"}}, []exchange.Exchange{wrong, back})
	require.False(t, ok)

	d, ok = newChecks(t).Diagnose("PV-17", []Finding{{Exchange: 0}}, []exchange.Exchange{wrong, right})
	require.True(t, ok)
	require.Equal(t, "dialect", d.Key, "the first answer failed")

	d, ok = newChecks(t).Diagnose("PV-02", []Finding{{Exchange: 2}}, []exchange.Exchange{right, answeredWith(200, documented200), wrong})
	require.True(t, ok)
	require.Equal(t, "dialect", d.Key)
	require.Equal(t, 1, d.Seen)
	require.Equal(t, 2, d.Of, "successes are no error answers")
}

func TestAFindingWithAnExchangeOutOfRangeDoesNotPanic(t *testing.T) {
	for _, at := range []int{-1, 0, 1, 99} {
		d, ok := newChecks(t).Diagnose("PV-02", []Finding{{Exchange: at}}, []exchange.Exchange{answeredWith(200, documented200)})
		require.True(t, ok)
		require.Equal(t, "otp-not-compared", d.Key)
	}
}

func TestFailuresOfOneCauseShareOneLine(t *testing.T) {
	dialect := Diagnosis{Key: "dialect", Text: "another dialect", Seen: 1, Of: 1}
	other := Diagnosis{Key: "spent", Text: "spent?"}
	for name, test := range map[string]struct {
		all      []Diagnosis
		expected string
	}{
		"none":                      {nil, ""},
		"one":                       {[]Diagnosis{dialect}, ""},
		"two of one cause, counted": {[]Diagnosis{dialect, {Key: "dialect", Text: "another dialect", Seen: 2, Of: 3}}, "another dialect, in 3 of 4 error answers"},
		"two of one cause":          {[]Diagnosis{other, other}, "all 2 failures look alike: spent?"},
		"two causes":                {[]Diagnosis{dialect, other}, ""},
		"one is not explained":      {[]Diagnosis{dialect, {}}, ""},
		"the first is not":          {[]Diagnosis{{}, dialect}, ""},
		"none is explained":         {[]Diagnosis{{}, {}}, ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.expected, CommonDiagnosis(test.all)) })
	}
}

func TestDiagnosesThatBlameTheWay(t *testing.T) {
	cached := answeredWith(200, documented200)
	cached.Answer.Header["Age"], cached.Answer.Header["Via"], cached.Answer.Header["X-Cache"] = []string{"7"}, []string{"1.1 varnish"}, []string{"HIT from edge"}
	missed := answeredWith(200, documented200)
	missed.Answer.Header["Age"], missed.Answer.Header["Via"], missed.Answer.Header["X-Cache"] = []string{"0"}, []string{"1.1 varnish"}, []string{"Miss from edge"}
	asked := func(status int, answer, sent string) exchange.Exchange {
		e := answeredWith(status, answer)
		e.Request.Body = []byte(sent)
		return e
	}
	typed := answeredWith(415, `{}`)
	typed.Request.Header = textproto.MIMEHeader{"Content-Type": {"text/plain"}}
	for name, test := range map[string]struct {
		e    exchange.Exchange
		text string // "": nothing is known
	}{
		"a cache":                              {cached, "the answer comes from a cache (Age: 7, X-Cache: HIT from edge, Via: 1.1 varnish): the answer to a PUT must not be kept"},
		"a cache missed":                       {missed, ""},
		"a state in E.164":                     {asked(404, documented404, `{"phone":"+50762647737","countryCode":"+507","otp":1}`), "the state yields a phone that begins with its country code: the endpoint takes the two separately, so the provider-state handler has to yield the phone without it"},
		"in E.164 without the plus":            {asked(404, documented404, `{"phone":"50762647737","countryCode":"+507","otp":1}`), "the state yields a phone that begins with its country code: the endpoint takes the two separately, so the provider-state handler has to yield the phone without it"},
		"a phone that begins like its country": {asked(404, documented404, `{"phone":"57647737","countryCode":"+57","otp":1}`), ""},
		"a phone that is not found":            {answeredWith(404, documented404), ""},
		"all is called missing":                {answeredWith(409, documented409), "phone, countryCode, otp are called missing, and were sent: is the Content-Type changed or the body lost on the way, or does the provider not read it as JSON?"},
		"all is missing":                       {asked(409, documented409, `{}`), ""},
		"the OTP was text":                     {asked(409, `{"code":"MissingParameter","message":"missing otp"}`, `{"phone":"62647737","countryCode":"+507","otp":"123456"}`), ""},
		"the OTP is called missing":            {answeredWith(409, `{"code":"MissingParameter","message":"missing otp"}`), "the OTP is called missing, and was sent as a number: is it turned into text on the way, or does the provider take it as text only?"},
		"another media type was refused":       {typed, ""},
		"a bad country code":                   {asked(409, documented409CountryCode, `{"phone":"62647737","countryCode":"507","otp":1}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := newChecks(t).Diagnose("PV-12", []Finding{{}}, []exchange.Exchange{test.e})
			require.Equal(t, test.text, d.Text)
		})
	}
	refused, _ := newChecks(t).Diagnose("PV-12", []Finding{{Exchange: 1, Path: "$.data.status"}}, []exchange.Exchange{answeredWith(409, documented409), read(200, `{"data":{"status":"sent"}}`)})
	require.Equal(t, bodyNotRead, refused.Key, "what was refused cannot show in a read-back")
	kept, _ := newChecks(t).Diagnose("PV-12", []Finding{{Exchange: 1, Path: "$.data.status"}}, []exchange.Exchange{answeredWith(200, documented200), read(200, `{"data":{"status":"sent"}}`)})
	require.Empty(t, kept.Key)
	second, _ := newChecks(t).Diagnose("PV-17", []Finding{{Exchange: 1}}, []exchange.Exchange{answeredWith(403, documented403), answeredWith(409, `{"code":"Conflict","message":"409:already"}`)})
	require.Equal(t, "sent-twice", second.Key)
	require.Contains(t, second.Text, "does a wrong OTP validate")
	wrong, _ := newChecks(t).Diagnose("PV-02", []Finding{{Exchange: 1}}, []exchange.Exchange{answeredWith(403, documented403), answeredWith(409, `{"code":"Conflict","message":"409:already"}`)})
	require.Equal(t, "wrong-validates", wrong.Key)
	for status, key := range map[int]string{404: "spent", 412: "spent", 423: "spent", 403: "", 500: "failed-inside"} {
		spent, _ := newChecks(t).Diagnose("PV-02", []Finding{{Exchange: 1}}, []exchange.Exchange{answeredWith(403, documented403), answeredWith(status, `{"code":"x","message":"y"}`)})
		require.Equal(t, key, spent.Key, status)
	}
	unspent, _ := newChecks(t).Diagnose("PV-02", []Finding{{Exchange: 0}}, []exchange.Exchange{answeredWith(404, documented404)})
	require.NotEqual(t, "spent", unspent.Key, "no wrong OTP came before")
	for _, rule := range []string{"PV-02", "PV-22", "PV-26"} {
		first, _ := newChecks(t).Diagnose(rule, []Finding{{Exchange: 0}}, []exchange.Exchange{answeredWith(409, `{"code":"Conflict","message":"409:already"}`)})
		require.Equal(t, "sent-twice", first.Key, "%s: another's success may have counted for it", rule)
	}
	again, _ := newChecks(t).Diagnose("PV-12", []Finding{{Exchange: 1}}, []exchange.Exchange{answeredWith(200, documented200), answeredWith(409, `{"code":"x","message":"already validated"}`)})
	require.NotEqual(t, "sent-twice", again.Key, "the second PUT was validated before indeed")
}

func TestAStrippedTokenShowsInTheWholeRun(t *testing.T) {
	const refusal = `{"code":"Unauthorized","message":"401:invalid_token"}`
	without := answeredWith(401, refusal)
	without.Request.Header = nil
	use := func(token string, exchanges ...exchange.Exchange) Trace { return newChecks(t).Traces(token, exchanges) }
	loggedOut := answeredWith(302, "")
	loggedOut.Request.Header = nil
	own, none := use(aToken, answeredWith(401, refusal)), use(aToken, without)
	another := use(aToken, answeredWith(403, documented403))
	var conflicts []Trace
	for i := range 200 {
		conflicts = append(conflicts, use(aToken, answeredWith(409, fmt.Sprint(i))))
	}
	for name, test := range map[string]struct {
		uses  []Trace
		holds bool
	}{
		"all alike":                           {[]Trace{own, none, own}, true},
		"parameters are looked at before":     {[]Trace{own, none, own, use(aToken, answeredWith(409, documented409))}, true},
		"all are led to a login":              {[]Trace{use(aToken, answeredWith(302, "")), use(aToken, loggedOut), use(aToken, answeredWith(302, ""))}, true},
		"a token is looked at once":           {[]Trace{own, none, own, another}, false},
		"many answers of one status say less": {append(conflicts, own, none, own), true},
		"nothing was sent without a token":    {[]Trace{own, own}, false},
		"what has no token is told otherwise": {[]Trace{own, own, use(aToken, func() exchange.Exchange { e := answeredWith(401, `{}`); e.Request.Header = nil; return e }())}, false},
		"another token is not its own":        {[]Trace{none, use("another", answeredWith(401, refusal)), use("another", answeredWith(401, refusal))}, false},
		"no token is asked for":               {[]Trace{use(aToken, answeredWith(200, documented200), answeredWith(200, documented200)), use(aToken, func() exchange.Exchange { e := answeredWith(200, documented200); e.Request.Header = nil; return e }())}, false},
		"once could be chance":                {[]Trace{own, none}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d, ok := newChecks(t).AuthorizationStripped(added(test.uses))
			require.Equal(t, test.holds, ok)
			if ok {
				require.Equal(t, "the answer is the same with the app registration's token and without any: does a gateway on the way drop the Authorization header?", d.Text)
			}
		})
	}
}

func added(all []Trace) Trace {
	var whole Trace
	for _, t := range all {
		whole.Add(t)
	}
	return whole
}

func TestTracesAreBoundedAndStillTell(t *testing.T) {
	one := func(status int, body string) Trace {
		return newChecks(t).Traces(aToken, []exchange.Exchange{answeredWith(status, body)})
	}
	var many []Trace
	for i := range 1000 {
		many = append(many, one(200, fmt.Sprint(i)), one(404, fmt.Sprint(i)), one(400, documented403), one(400, documented404), one(403, documented403))
	}
	whole := added(many)
	require.LessOrEqual(t, len(whole.Answers), 200)
	d, _ := newChecks(t).Diagnose("PV-02", []Finding{{}}, []exchange.Exchange{answeredWith(400, documented403)})
	require.NotContains(t, d.Reconsider(whole).Text, "gateway", "a 403 came through")
}

func TestTheFindingSaysWhatANonJSONBodyIs(t *testing.T) {
	e := answeredWith(403, "\x1f\x8b\x08\x00")
	findings, judged := everyRule(t, "PV-19").Judge(newChecks(t).Judging(e, Known{}))
	require.True(t, judged)
	require.Contains(t, findings[0].Actual, "compressed with gzip")
	require.Equal(t, "409 MissingParameter: \"missing otp\"", newChecks(t).summary(answeredWith(409, `{"code":"MissingParameter","message":"missing otp"}`).Answer))
	require.Equal(t, "403 otp_does_not_match", newChecks(t).summary(answeredWith(403, documented403).Answer))
	require.Equal(t, "409 Conflict", newChecks(t).summary(answeredWith(409, `{"code":"Conflict"}`).Answer))
	require.Equal(t, "409 conflict", newChecks(t).summary(answeredWith(409, `{"code":"conflict","message":"conflict"}`).Answer))
}

func TestAnswersThatCameThroughClearTheWay(t *testing.T) {
	const gateway, provider = "the body is one that the documentation shows for another status, and the status is 400: does a gateway on the way rewrite the status, or does the provider set it wrong?",
		"the body is one that the documentation shows for another status, and the status is 400: does the provider set it wrong?"
	diagnosed := func(status int, body string) Diagnosis {
		d, ok := newChecks(t).Diagnose("PV-02", []Finding{{}}, []exchange.Exchange{answeredWith(status, body)})
		require.True(t, ok)
		return d
	}
	d := diagnosed(400, documented403)
	require.Equal(t, gateway, d.Reconsider(Trace{}).Text)
	require.Equal(t, gateway, d.Reconsider(added([]Trace{newChecks(t).Traces(aToken, []exchange.Exchange{answeredWith(400, documented404)}), newChecks(t).Traces(aToken, []exchange.Exchange{answeredWith(200, documented200)})})).Text,
		"a gateway that rewrites refusals leaves a success alone")
	require.Equal(t, provider, d.Reconsider(added([]Trace{newChecks(t).Traces(aToken, []exchange.Exchange{answeredWith(404, documented404)})})).Text)

	mangled := diagnosed(200, with(documented200, `"+507"`, `" 507"`))
	came := newChecks(t).Traces(aToken, []exchange.Exchange{answeredWith(404, documented404)})
	require.True(t, came.Passed[plusMangled])
	require.Equal(t, mangled, mangled.Reconsider(came), "whoever mangles it, it came back mangled")
	require.Empty(t, newChecks(t).Traces(aToken, []exchange.Exchange{answeredWith(400, documented404), answeredWith(409, `{}`)}).Passed, "these do not show that the request came through")

	for body, came := range map[string]bool{documented409: true, `{"code":"MissingParameter","message":"missing project"}`: false, `{"code":"MissingParameter","message":"MISSING OTP"}`: false} {
		require.Equal(t, came, newChecks(t).Traces(aToken, []exchange.Exchange{answeredWith(409, body)}).Passed[statusRewritten], "only what is documented shows that a status came through: %s", body)
	}

	const named = "the body is the one that the documentation shows for 403, and the status is 400: does a gateway on the way rewrite the status, or does the provider set it wrong?"
	other, elsewhere := diagnosed(400, documented404), diagnosed(500, documented404)
	passed := Trace{Passed: map[string]bool{statusRewritten: true}}
	for name, test := range map[string]struct {
		all  []Diagnosis
		want []string
	}{
		"one":                 {[]Diagnosis{d}, []string{named}},
		"the same body again": {[]Diagnosis{d, {}, d}, []string{named, "", named}},
		"one who rewrites is one cause": {[]Diagnosis{d, {Text: "x"}, other, d, elsewhere}, []string{
			gateway, "x", gateway, gateway, strings.NewReplacer("403", "404", "400", "500").Replace(named),
		}},
		"nobody on the way does": {[]Diagnosis{d.Reconsider(passed), other.Reconsider(passed)}, []string{provider, provider}},
	} {
		NameCommonStatus(test.all)
		for i, d := range test.all {
			require.Equal(t, test.want[i], d.Text, name)
		}
	}

	for _, one := range []struct{ body, through, ruledOut string }{
		{documented409CountryCode, documented404, "does the provider refuse a good one?"},
		{documented409, documented403, "does the provider not read it as JSON?"},
		{`{"code":"MissingParameter","message":"missing otp"}`, documented403, "does the provider take it as text only?"},
		{`{"code":"MissingParameter","message":"missing phone"}`, documented403, "does the provider read it by another name?"},
	} {
		d := diagnosed(409, one.body)
		require.Contains(t, d.Text, "on the way")
		status := 403
		if one.through == documented404 {
			status = 404
		}
		again := d.Reconsider(added([]Trace{{}, newChecks(t).Traces(aToken, []exchange.Exchange{answeredWith(status, one.through)})}))
		require.Equal(t, d.Key, again.Key)
		require.Contains(t, again.Text, ": "+one.ruledOut)
		require.NotContains(t, again.Text, "on the way")
	}
}
