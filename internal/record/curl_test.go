package record

import (
	"bytes"
	"fmt"
	"net/textproto"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.token_value-1"

// The values of the state that the call was made with, and the variables of whoever repeats it.
var spent, freshValues = providerstate.Values{
	Project: "p-1", ProjectFlow: "f-1", Phone: "62647737", CountryCode: "+507", OTP: "734912", WrongOTP: "845123", Token: jwt,
	ValidationID: "674de8df21c72be3cc42b8a7", AppRegistrationID: "674de8df21c72be3cc42b8a8",
}, map[string]string{
	"PROJECT": "p2", "PROJECT_FLOW": "f2", "TARGET_PATH": "a/pa'th", "EMPTY_KEY_TOKEN": "e", "UNSIGNED_TOKEN": "eyJhbGciOiJub25lIn0.ZnJlc2g0.", "REWRITTEN_TOKEN": "r", "OTHER_CASE_TOKEN": "c", "PHONE": "61112223", "COUNTRY_CODE": "+57", "OTP": "202090", "WRONG_OTP": "313101", "TOKEN": "eyJhbGciOiJIUzI1NiJ9.ZnJlc2g0.token_value-2",
	"VALIDATION_ID": "v1", "APP_REGISTRATION_ID": "r1", "OTHER_TOKEN": "other", "OTHER_OTP": "555666", "UNKNOWN_TOKEN": "made up", "CREDENTIALS": "bm9ib2R5Ong=",
	"COOKIE": "session=1", "X_API_KEY": "k3y", "HEADER_TOKEN": "t", "PROXY": "http://u:p@127.0.0.1:1", "SECRET": "s",
}

// words returns the words of a command after expansion, which have to be the same in every installed shell. What curl reads from
// standard input is the last one.
func words(t *testing.T, command string) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts shells")
	}
	var all []string
	for _, name := range []string{"sh", "bash", "zsh", "ksh"} {
		shell, err := exec.LookPath(name)
		if err != nil {
			require.NotEqual(t, "sh", name)
			continue
		}
		cmd := exec.Command(shell, "-eu", "-c", "curl() { for word in \"$@\"; do printf '%s\\0' \"$word\"; [ \"$word\" != @- ] || cat; done; }\n"+command+"\n")
		cmd.Dir = t.TempDir()
		cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
		for name, value := range freshValues {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		require.NoError(t, err, "%s\n%s", command, complaints.String())
		require.Empty(t, complaints.String())
		got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		if all != nil {
			require.Equal(t, all, got, name)
		}
		all = got
	}
	return all
}

func repeated(e exchange.Exchange, secrets ...string) string {
	r := Recorder{Secrets: &secret.Set{}, Keep: []string{"Bearer a.b"}, Own: spent, Other: providerstate.Values{OTP: "111222", Token: "another-token-0"}}
	r.Secrets.Add(append(secrets, spent.Token, spent.OTP, spent.WrongOTP, "another-token-0", "111222")...)
	return r.command(e)
}

// after returns the words that follow an option.
func after(words []string, option string) []string {
	var all []string
	for i, w := range words {
		if w == option && i+1 < len(words) {
			all = append(all, words[i+1])
		}
	}
	return all
}

func aPUT(body string) exchange.Exchange {
	return exchange.Exchange{Purpose: exchange.Judged, Request: exchange.Request{
		Method: "PUT", URL: "https://api.example.test/v2/phone-validations", Body: []byte(body),
		Header: textproto.MIMEHeader{
			"Authorization": {"Bearer " + spent.Token}, "Content-Type": {"application/json"}, "Accept": {"application/json"},
			"User-Agent": {"verifik-contract"}, "Traceparent": {"00-1-2-01"}, "Accept-Encoding": {"gzip"},
		},
	}}
}

func TestCurlSendsTheSameRequestForANewState(t *testing.T) {
	// What is made from the right OTP is a secret too, and is added as one when it is typed.
	made := []string{"734913", "734012", "734921", "349127", "219437", "734911", "834912", "845023", "34912", "7349", "1734912", "7349120", "734192", "800448", "4295702208", "4321"}
	for name, c := range map[string]struct{ body, again string }{
		"as documented":             {`{"phone":"62647737","countryCode":"+507","otp":734912}`, `{"phone":"61112223","countryCode":"+57","otp":202090}`},
		"of a redacted recording":   {`{"phone":"60000200","otp":"[redacted]"}`, `{"phone":"60000200","otp":202090}`},
		"another order, spaced":     {"{ \"otp\" : 734912 ,\n\"phone\":\"62647737\"}", "{ \"otp\" : 202090 ,\n\"phone\":\"61112223\"}"},
		"a space in front":          {`{"phone":" 62647737"}`, `{"phone":" 61112223"}`},
		"spaces everywhere":         {`{"phone":"  6 264 773 7  "}`, `{"phone":"  6 111 222 3  "}`},
		"another that ends alike":   {`{"phone":"92647737"}`, `{"phone":"91112223"}`},
		"two digits of it other":    {`{"phone":"64847737"}`, `{"phone":"63312223"}`},
		"without the first digit":   {`{"phone":"2647737"}`, `{"phone":"1112223"}`},
		"without the last digit":    {`{"phone":"6264773"}`, `{"phone":"6111222"}`},
		"a number without its end":  {`{"phone":6264773}`, `{"phone":6111222}`},
		"a wildcard at its end":     {`{"phone":"6264773%"}`, `{"phone":"6111222%"}`},
		"and a digit more":          {`{"phone":"626477379"}`, `{"phone":"611122239"}`},
		"a digit to the code":       {`{"phone":"2647737","countryCode":"+5076"}`, `{"phone":"1112223","countryCode":"+576"}`},
		"a digit of the code":       {`{"phone":"762647737","countryCode":"+50"}`, `{"phone":"761112223","countryCode":"+50"}`},
		"escapes":                   {`{"phone":"\u0036\u0032\u0036\u0034\u0037\u0037\u0033\u0037"}`, `{"phone":"\u0036\u0031\u0031\u0031\u0032\u0032\u0032\u0033"}`},
		"parentheses":               {`{"phone":"(62)647737"}`, `{"phone":"(61)112223"}`},
		"another phone":             {`{"phone":"69999999"}`, `{"phone":"69999999"}`},
		"another country code":      {`{"countryCode":"507"}`, `{"countryCode":"507"}`},
		"the wrong OTP":             {`{"otp":845123}`, `{"otp":313101}`},
		"only the last digit wrong": {`{"otp":734913}`, `{"otp":202091}`},
		"only a nine made a zero":   {`{"otp":734012}`, `{"otp":202190}`},
		"the OTP's beginning":       {`{"otp":7349}`, `{"otp":2020}`},
		"one digit more":            {`{"otp":7349120}`, `{"otp":2020900}`},
		"two digits swapped":        {`{"otp":734921}`, `{"otp":202009}`},
		"two others swapped":        {`{"otp":734192}`, `{"otp":202900}`},
		"its first digit last":      {`{"otp":349127}`, `{"otp":20902}`},
		"backwards":                 {`{"otp":219437}`, `{"otp":90202}`},
		"one less":                  {`{"otp":734911}`, `{"otp":202089}`},
		"only the first digit":      {`{"otp":834912}`, `{"otp":302090}`},
		"every digit":               {`{"otp":845023}`, `{"otp":313101}`},
		"one more":                  {`{"otp":734913}`, `{"otp":202091}`},
		"without its first digit":   {`{"otp":34912}`, `{"otp":2090}`},
		"plus 2 to the 16th":        {`{"otp":800448}`, `{"otp":267626}`},
		"plus 2 to the 32nd":        {`{"otp":4295702208}`, `{"otp":4295169386}`},
		"a wrong one as text":       {`{"otp":"845023"}`, `{"otp":"313101"}`},
		"a wrong one in a list":     {`{"otp":[734913,734912]}`, `{"otp":[202091,202090]}`},
		"a fraction less":           {`{"otp":734911.6}`, `{"otp":202089.6}`},
		"an exponent":               {`{"otp":7.34912e+05}`, `{"otp":2.02090e+05}`},
		"a capital exponent":        {`{"otp":7.34912E+05}`, `{"otp":2.02090E+05}`},
		"the phone's beginning":     {`{"otp":626477}`, `{"otp":611122}`},
		"the phone's end":           {`{"otp":647737}`, `{"otp":112223}`},
		"the whole phone":           {`{"otp":62647737}`, `{"otp":61112223}`},

		"a short OTP behind it":   {`{"note":"7349124321"}`, `{"note":"202090s"}`}, // a variable ends a number, as a letter would not
		"the page's example":      {`{"otp":123456}`, `{"otp":123456}`},
		"a fraction":              {`{"otp":734912.5}`, `{"otp":202090.5}`},
		"negative":                {`{"otp":-734912}`, `{"otp":-202090}`},
		"as text":                 {`{"otp":"734912"}`, `{"otp":"202090"}`},
		"in a list":               {`{"otp":[734912]}`, `{"otp":[202090]}`},
		"a million more":          {`{"otp":1734912}`, `{"otp":1202090}`},
		"of the other validation": {`{"otp":111222}`, `{"otp":555666}`},
		"zero":                    {`{"otp":0}`, `{"otp":0}`},
		"null":                    {`{"otp":null,"phone":null,"countryCode":null}`, `{"otp":null,"phone":null,"countryCode":null}`},
		"no JSON":                 {`phone=62647737&otp=734912`, `phone=62647737&otp=202090`},
		"cut JSON":                {`{"phone":"62647737","otp":`, `{"phone":"61112223","otp":`},
		"an array":                {`[734912,"734912"]`, `[202090,"202090"]`},
		"single quotes":           {`{"phone":"it's 'quoted'"}`, `{"phone":"it's 'quoted'"}`},
		"a command":               {"$(touch owned) `touch owned` ${HOME} $OTP", "$(touch owned) `touch owned` ${HOME} $OTP"},
		"backslashes":             {`{"a":"\\n\n\\'"}`, `{"a":"\\n\n\\'"}`},
		"starts like a file":      {"@/etc/passwd", "@/etc/passwd"},
		"an exclamation mark":     {"!! !1", "!! !1"},
		"glob and braces":         {"* ? [a-z] {a,b} ~", "* ? [a-z] {a,b} ~"},
		"beyond ASCII":            {"Zoë \u00a0 \U0001f600", "Zoë \u00a0 \U0001f600"},
		"a terminal escape":       {"\x1b[2J\x07\x7f", "\x1b[2J\x07\x7f"},
		"empty":                   {"", ""},
		"a line break at its end": {"{\"otp\":734912}\n\n", "{\"otp\":202090}\n\n"},
		"a percent sign":          {"%s%b\n%", "%s%b\n%"},
		"another's project":       {`{"project":"p-1","projectFlow":"f-1"}`, `{"project":"p2","projectFlow":"f2"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := repeated(aPUT(c.body), made...)
			for _, s := range []string{spent.OTP, spent.WrongOTP, spent.Token, "\x1b"} {
				require.NotContains(t, command, s)
			}
			got := words(t, command)
			require.Equal(t, []string{c.again}, append(after(got, "--data-raw"), after(got, "@-")...))
			require.Equal(t, []string{"PUT"}, after(got, "-X"))
			require.Contains(t, got, "https://api.example.test/v2/phone-validations")
			require.Equal(t, []string{"Accept: application/json", "Authorization: Bearer " + freshValues["TOKEN"], "Content-Type: application/json"}, after(got, "-H"))
		})
	}
}

// A JSON number cannot begin with a zero.
func TestCurlWritesDigitsOfAPhoneWithoutLeadingZeros(t *testing.T) {
	for fresh, again := range map[string]string{"61112223": `{"otp":112223}`, "60002223": `{"otp":2223}`} {
		r := Recorder{Secrets: &secret.Set{}, Own: providerstate.Values{Phone: "62047737", OTP: "734912"}}
		command := r.command(exchange.Exchange{Request: exchange.Request{Method: "PUT", URL: "https://api.example.test/", Body: []byte(`{"otp":47737}`)}})
		require.Equal(t, []string{again}, after(words(t, "PHONE="+fresh+"\n"+command), "--data-raw"))
	}
}

func TestCurlReadsALongBodyFromAFile(t *testing.T) {
	for name, body := range map[string]string{
		"long":         strings.Repeat("6", 3<<10),
		"long and odd": strings.Repeat("'\xff", 3<<10),
	} {
		t.Run(name, func(t *testing.T) {
			got := words(t, repeated(aPUT(body)))
			require.Equal(t, []string{"@body.txt"}, after(got, "--data-binary"))
			require.Empty(t, after(got, "--data-raw"))
		})
	}
}

func TestCurlSendsEveryByteOfAShortBody(t *testing.T) {
	got := words(t, repeated(aPUT("a\x00b\xff734912")))
	require.Equal(t, []string{"a", "b\xff202090"}, got[len(got)-2:])
}

func TestCurlHidesASecretInTheURL(t *testing.T) {
	r := Recorder{Secrets: &secret.Set{}, Own: spent, BaseURL: "https://api.example.test/s3cr3t", Way: curl.Way{ServerName: "api.internal"}}
	r.Secrets.Add("s3cr3t")
	e := aPUT("{}")
	e.Request.URL = "https://api.example.test/s3cr3t/v2/phone-validations"
	command := r.command(e)
	require.NotContains(t, command, "s3cr3t")
	require.Contains(t, words(t, command), "https://api.internal:443/a/pa'th/v2/phone-validations")
}

func TestCurlCarriesOverWhenOneIsAdded(t *testing.T) {
	own := spent
	own.OTP = "734919"
	r := Recorder{Secrets: &secret.Set{}, Own: own}
	r.Secrets.Add("734919", "734920")
	require.Equal(t, []string{`{"otp":202091}`}, after(words(t, r.command(aPUT(`{"otp":734920}`))), "--data-raw"))
}

func TestCurlAddsNumbersThatAreTooLargeForTheShell(t *testing.T) {
	if _, err := exec.LookPath("bc"); err != nil {
		t.Skip("there is no bc")
	}
	require.Equal(t, []string{`{"otp":18446744073709753706}`}, after(words(t, repeated(aPUT(`{"otp":18446744073710286528}`), "18446744073710286528")), "--data-raw"))
}

func TestCurlHeaders(t *testing.T) {
	altered := spent.Token[:30] + "A" + spent.Token[31:]
	another := func(token string, at int) string {
		return token[:at] + string(contract.OtherCharacter(token[at])) + token[at+1:]
	}
	for name, c := range map[string]struct {
		header   textproto.MIMEHeader
		expected []string
	}{
		"none":                                   {nil, []string{"Accept:", "Content-Type:"}},
		"another's token":                        {textproto.MIMEHeader{"Authorization": {"Bearer another-token-0"}}, []string{"Authorization: Bearer other", "Accept:", "Content-Type:"}},
		"its own token, a character another one": {textproto.MIMEHeader{"Authorization": {"Bearer " + another(spent.Token, 40)}}, []string{"Authorization: Bearer " + another(freshValues["TOKEN"], 40), "Accept:", "Content-Type:"}},
		"its own token, its first character another one": {textproto.MIMEHeader{"Authorization": {"Bearer " + another(spent.Token, 0)}}, []string{"Authorization: Bearer " + another(freshValues["TOKEN"], 0), "Accept:", "Content-Type:"}},
		"its own token, altered":                         {textproto.MIMEHeader{"Authorization": {"Bearer " + altered}}, []string{"Authorization: Bearer " + freshValues["TOKEN"][:30] + "A" + freshValues["TOKEN"][31:], "Accept:", "Content-Type:"}},
		"its own, another first one":                     {textproto.MIMEHeader{"Authorization": {"Bearer Q" + spent.Token[1:]}}, []string{"Authorization: Bearer Q" + freshValues["TOKEN"][1:], "Accept:", "Content-Type:"}},
		"its own, without signature":                     {textproto.MIMEHeader{"Authorization": {"Bearer " + contract.MadeUp(jwt)["UNSIGNED_TOKEN"]}}, []string{"Authorization: Bearer eyJhbGciOiJub25lIn0.ZnJlc2g0.", "Accept:", "Content-Type:"}},
		"its own in quotation marks":                     {textproto.MIMEHeader{"Authorization": {`Bearer "` + spent.Token + `"`}}, []string{`Authorization: Bearer "` + freshValues["TOKEN"] + `"`, "Accept:", "Content-Type:"}},
		"its own beside another":                         {textproto.MIMEHeader{"Authorization": {"Bearer " + spent.Token + " s3cr3t"}}, []string{"Authorization: Bearer made up", "Accept:", "Content-Type:"}},
		"its own without scheme":                         {textproto.MIMEHeader{"Authorization": {spent.Token}}, []string{"Authorization: " + freshValues["TOKEN"], "Accept:", "Content-Type:"}},
		"a made-up one":                                  {textproto.MIMEHeader{"Authorization": {"Bearer a.b"}}, []string{"Authorization: Bearer a.b", "Accept:", "Content-Type:"}},
		"an unknown token":                               {textproto.MIMEHeader{"Authorization": {"Bearer anything at all"}}, []string{"Authorization: Bearer made up", "Accept:", "Content-Type:"}},
		"its own, signed by no key":                      {textproto.MIMEHeader{"Authorization": {"Bearer " + contract.MadeUp(jwt)["EMPTY_KEY_TOKEN"]}}, []string{"Authorization: Bearer e", "Accept:", "Content-Type:"}},
		"its own, rewritten":                             {textproto.MIMEHeader{"Authorization": {"Bearer " + contract.MadeUp(jwt)["REWRITTEN_TOKEN"]}}, []string{"Authorization: Bearer r", "Accept:", "Content-Type:"}},
		"its own in the other case":                      {textproto.MIMEHeader{"Authorization": {"Bearer " + contract.MadeUp(jwt)["OTHER_CASE_TOKEN"]}}, []string{"Authorization: Bearer c", "Accept:", "Content-Type:"}},
		"another spelling of bearer":                     {textproto.MIMEHeader{"Authorization": {"bearer another-token-0"}}, []string{"Authorization: bearer other", "Accept:", "Content-Type:"}},
		"a token that was never set":                     {textproto.MIMEHeader{"Authorization": {"Bearer undefined"}}, []string{"Authorization: Bearer undefined", "Accept:", "Content-Type:"}},
		"an empty token":                                 {textproto.MIMEHeader{"Authorization": {"Bearer"}}, []string{"Authorization: Bearer", "Accept:", "Content-Type:"}},
		"basic":                                          {textproto.MIMEHeader{"Authorization": {"Basic bm9ib2R5Ong="}}, []string{"Authorization: Basic bm9ib2R5Ong=", "Accept:", "Content-Type:"}},
		"a credential without scheme":                    {textproto.MIMEHeader{"Cookie": {"s3cr3t-$(id)"}}, []string{"Cookie: session=1", "Accept:", "Content-Type:"}},
		"a secret of the environment":                    {textproto.MIMEHeader{"X-Api-Key": {"k=the-s3cr3t-key"}}, []string{"X-Api-Key: k3y", "Accept:", "Content-Type:"}},
		"one that is called token":                       {textproto.MIMEHeader{"Token": {"the-s3cr3t-key"}}, []string{"Token: t", "Accept:", "Content-Type:"}},
		"an empty cookie":                                {textproto.MIMEHeader{"Cookie": {""}}, []string{"Cookie: session=1", "Accept:", "Content-Type:"}},
		"an empty one":                                   {textproto.MIMEHeader{"X-Empty": {""}}, []string{"X-Empty;", "Accept:", "Content-Type:"}},
		"a hostile value":                                {textproto.MIMEHeader{"X-Env": {"it's $(id) \"`id`\""}}, []string{"X-Env: it's $(id) \"`id`\"", "Accept:", "Content-Type:"}},
		"a hostile name":                                 {textproto.MIMEHeader{"X-$(id)'": {"1"}}, []string{"X-$(id)': 1", "Accept:", "Content-Type:"}},
		"two of one name":                                {textproto.MIMEHeader{"X-A": {"1", "2"}}, []string{"X-A: 1", "X-A: 2", "Accept:", "Content-Type:"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := aPUT("{}")
			e.Request.Header = c.header
			command := repeated(e, "the-s3cr3t-key")
			require.NotContains(t, command, "s3cr3t")
			require.NotContains(t, command, secret.Redacted)
			require.Equal(t, c.expected, after(words(t, command), "-H"))
		})
	}
}

func TestCurlOfAReadBackReadsTheNewRecord(t *testing.T) {
	e := aPUT("")
	e.Request.Method, e.Request.URL = "GET", "http://127.0.0.1:1/v2/app-registrations/"+spent.AppRegistrationID+"?populates[]=phoneValidation&{a,b}'$(id)"
	got := words(t, repeated(e))
	require.Contains(t, got, "http://127.0.0.1:1/v2/app-registrations/r1?populates[]=phoneValidation&{a,b}'$(id)")
	require.Contains(t, got, "-g", "curl reads brackets as a range otherwise")
	require.Empty(t, after(got, "--data-raw"))
}

func TestCurlUsesTheCallsTLSAndProxy(t *testing.T) {
	r := Recorder{Secrets: &secret.Set{}, Own: spent, Way: curl.Way{
		CAFile: "my certs/ca.pem", CertFile: "client.pem", KeyFile: "client.key", ServerName: "api.internal", Proxy: "http://user:pa55word@proxy.test:3128",
	}}
	r.Secrets.Add("pa55word")
	got := words(t, r.command(aPUT("{}")))
	require.Equal(t, []string{"my certs/ca.pem"}, after(got, "--cacert"))
	require.Equal(t, []string{"client.pem"}, after(got, "--cert"))
	require.Equal(t, []string{"client.key"}, after(got, "--key"))
	require.Equal(t, []string{freshValues["PROXY"]}, after(got, "--proxy"))
	require.Equal(t, []string{"api.internal:443:api.example.test:443"}, after(got, "--connect-to"))
	require.Contains(t, got, "https://api.internal:443/v2/phone-validations")
	require.Contains(t, after(got, "-H"), "Host: api.example.test")

	r.Way = curl.Way{InsecureSkipVerify: true, NoProxy: true}
	got = words(t, r.command(aPUT("{}")))
	require.Contains(t, got, "--insecure")
	require.Equal(t, []string{"*"}, after(got, "--noproxy"))
	require.NotContains(t, got, "--compressed")

	e := aPUT("{}")
	e.Answer = &exchange.Answer{Status: 200, Header: textproto.MIMEHeader{"Content-Encoding": {"gzip"}}}
	require.Contains(t, words(t, r.command(e)), "--compressed")
}

func TestForeignTextIsNotRunByTheShell(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string]string{
		"the marks of an expression, once": "\ue000$(echo run)\ue001", "a mark alone": "\ue000", "substitution": "$(echo run)", "backticks": "`echo run`",
		"quotes": `'"; echo run; "'`, "a line break": "x\necho run", "a control character": "\x01$(echo run)`echo run`'", "a variable": "$PATH",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value := strings.TrimSuffix(strings.NewReplacer("\x01", "", "\n", " ").Replace(foreign), "\n")
			e := exchange.Exchange{Request: exchange.Request{
				Method: "PUT" + value, URL: "http://127.0.0.1:1/v2/phone-validations?" + value,
				Header: textproto.MIMEHeader{"X-" + value: {value}, "X-Plain": {value}, "Authorization": {"Bearer " + jwt[:len(jwt)-1] + "`"}},
				Body:   []byte(`{"phone":"` + foreign + `","project":"` + foreign + `","otp":` + foreign + `}` + foreign),
			}}
			got := words(t, Recorder{Secrets: &secret.Set{}, Own: spent}.command(e))
			require.Equal(t, "PUT"+value, after(got, "-X")[0])
			require.Contains(t, got, e.Request.URL)
			require.Contains(t, got, "X-"+value+": "+value)
			require.Contains(t, got, "X-Plain: "+value)
			require.Contains(t, got, string(e.Request.Body))
		})
	}
}

func TestTheShellReplacesTheCharactersOfATokenAsARunDoes(t *testing.T) {
	var all, replaced []byte
	for c := byte('!'); c <= '~'; c++ {
		if c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			all, replaced = append(all, c), append(replaced, contract.OtherCharacter(c))
		}
	}
	require.Equal(t, []string{string(replaced)}, words(t, fmt.Sprintf(`curl "$(printf %%s %s | tr %s)"`, all, contract.OtherCharacters)))
}
