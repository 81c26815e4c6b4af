package reference

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// move is one request of a sequence.
type move struct {
	with  string // the Authorization; "": the validation's own token, "-": none
	shape func(v *values)
	otp   func(right int) string
	more  []string
	body  func(spelt string) string
}

func (m move) send(s *script, v values) reply {
	otp, with, sent := strconv.Itoa(v.OTP), m.with, v
	if m.otp != nil {
		otp = m.otp(v.OTP)
	}
	switch with {
	case "":
		with = "Bearer " + v.Token
	case "-":
		with = ""
	case "other":
		with = "Bearer " + s.state(s.t, StateNone).Token
	case "example key":
		signed := v.Token[:strings.LastIndex(v.Token, ".")]
		seal := hmac.New(sha256.New, []byte("secret"))
		_, _ = seal.Write([]byte(signed))
		with = "Bearer " + signed + "." + base64.RawURLEncoding.EncodeToString(seal.Sum(nil))
	case "last":
		with = "Bearer " + v.Token[:len(v.Token)-1] + string(v.Token[len(v.Token)-1]^1)
	case "first":
		with = "Bearer " + string(v.Token[0]^1) + v.Token[1:]
	}
	if m.shape != nil {
		m.shape(&sent)
	}
	own := strings.NewReplacer("PROJECT", v.Project, "FLOW", v.ProjectFlow, "GATEWAY", v.PhoneGateway)
	var more []string
	for _, member := range m.more {
		more = append(more, own.Replace(member))
	}
	body := sent.request(otp, more...)
	if m.body != nil {
		body = m.body(body)
	}
	return s.call(http.MethodPut, endpointPath, with, body)
}

// sequence makes several requests about one validation and notes whether each succeeded and what they changed.
func sequence(rule, name, state string, params []string, moves ...move) step {
	return step{rule, name, func(s *script, note func(string, string)) {
		v := s.state(s.t, state, params...)
		s.webhooks()
		var text string
		for _, m := range moves {
			r := m.send(s, v)
			text += r.refused() + " "
			var said struct {
				Data struct{ ShowFaceLivenessRecommendation bool }
			}
			if json.Unmarshal([]byte(r.body), &said) == nil && rule == "PV-15" {
				text += fmt.Sprint(said.Data.ShowFaceLivenessRecommendation, " ")
			}
		}
		s.late.Wait()
		text += fmt.Sprint(s.status(v) == statusValidated)
		linked := strings.Contains(fmt.Sprint(s.link(v, populated)), v.ValidationID)
		sent := s.webhooks()
		exact := text
		switch rule {
		case "PV-13":
			text += fmt.Sprint(" linked: ", linked)
		case "PV-22", "PV-25":
			exact += fmt.Sprint(" linked: ", linked) // it may be from the start
		case "PV-14":
			text += fmt.Sprint(" notified: ", len(sent) > 0)
		case "PV-27":
			text += claimsSuccess(sent)
		}
		note(exact+text, text)
	}}
}

// caseSteps are about what is true of some phones only, in some circumstances, or after other requests.
func caseSteps() []step {
	wrong := func(right int) string { return strconv.Itoa(changedDigit(right, 10)) }
	right, mistyped, withoutToken, spaced := move{}, move{otp: wrong}, move{with: "-"}, move{shape: func(v *values) { v.Phone = " " + v.Phone }}
	lacking := move{body: func(spelt string) string { return strings.Replace(spelt, `"otp"`, `"oto"`, 1) }}
	project, gateway := `"project":"PROJECT"`, `"phoneGateway":"GATEWAY"`
	elsewhere := move{more: []string{`"project":"0123456789abcdef01234567"`}}
	anotherPhone := move{shape: func(v *values) { v.Phone = "99999999" }}
	notified := []string{"webhookUrl", "http://receiver.test/x"}
	steps := []step{
		{"PV-02", "of the newest", func(s *script, note func(string, string)) {
			v, other := s.state(s.t, StatePending), s.state(s.t, StatePending)
			text := s.put(v, other.OTP).refused()
			note(text, text)
		}},
		{"PV-03", "asked again", func(s *script, note func(string, string)) {
			v := s.state(s.t, StateNone)
			for range 2 {
				text := s.putBody(v, v.request("123456")).promised()
				note(text, text)
			}
		}},
		sequence("PV-09", "over several lines", StatePending, nil, move{body: func(spelt string) string { return strings.ReplaceAll(spelt, ",", ",\n") }}),
		sequence("PV-09", "with spaces", StatePending, nil, move{body: func(spelt string) string { return strings.ReplaceAll(spelt, `":`, `": `) }}),
		sequence("PV-09", "with an escape", StatePending, nil, move{body: func(spelt string) string { return strings.ReplaceAll(spelt, "+", `\u002b`) }}),
		sequence("PV-10", "project and gateway", StatePending, nil, move{more: []string{project, gateway}}),
		sequence("PV-10", "flow and gateway", StatePending, nil, move{more: []string{`"projectFlow":"FLOW"`, gateway}}),
		sequence("PV-10", "options first", StatePending, nil, move{more: []string{project}, body: func(spelt string) string {
			rest, option, _ := strings.Cut(strings.TrimSuffix(spelt, "}"), `,"project"`)
			return `{"project"` + option + "," + rest[1:] + "}"
		}}),
		sequence("PV-11", "validates nothing", StatePending, nil, elsewhere),
		sequence("PV-12", "after a wrong one", StatePending, nil, mistyped, right),
		sequence("PV-12", "whatever is refused", StatePending, nil, right, withoutToken, lacking),
		sequence("PV-13", "after a wrong one", StatePending, nil, mistyped, right),
		sequence("PV-13", "whatever is refused", StatePending, nil, right, withoutToken, lacking),
		sequence("PV-14", "spaces", StateWebhook, notified, spaced),
		sequence("PV-15", "after a wrong one", StateLiveness, nil, mistyped, right),
		sequence("PV-15", "gateway named", StateLiveness, nil, move{more: []string{gateway}}),
		sequence("PV-16", "token shown before", StatePending, nil, mistyped, withoutToken),
		sequence("PV-16", "last character", StatePending, nil, move{with: "last"}),
		sequence("PV-16", "first character", StatePending, nil, move{with: "first"}),
		sequence("PV-16", "before face liveness", StateLiveness, nil, withoutToken),
		sequence("PV-17", "another spelling", StatePending, nil, mistyped, spaced),
		sequence("PV-17", "before face liveness", StateLiveness, nil, mistyped, right),
		sequence("PV-17", "no token", StatePending, nil, withoutToken, right),
		sequence("PV-17", "missing", StatePending, nil, lacking, right),
		sequence("PV-21", "after its own", StatePending, nil, mistyped, anotherPhone),
		sequence("PV-21", "its last digit", StatePending, nil, move{shape: func(v *values) { v.Phone = v.Phone[:7] + string("5678901234"[v.Phone[7]-'0']) }}),
		sequence("PV-21", "another code of two digits", StatePending, []string{"countryCode", "+57"}, move{shape: func(v *values) { v.CountryCode = "+52" }}),
		sequence("PV-22", "before face liveness", StateLiveness, nil, mistyped),
		sequence("PV-22", "project", StatePending, nil, move{otp: wrong, more: []string{project}}),
		sequence("PV-22", "gateway", StatePending, nil, move{otp: wrong, more: []string{gateway}}),
		sequence("PV-25", "where notified", StateWebhook, notified, mistyped),
		sequence("PV-27", "for another project", StateWebhook, notified, elsewhere),
		{"PV-26", "as good as before", func(s *script, note func(string, string)) {
			own, other := s.state(s.t, StatePending), s.state(s.t, StatePending)
			s.put(own, own.OTP)
			text := s.put(other, other.OTP).refused()
			note(text, text)
		}},
	}
	text := move{otp: func(int) string { return `"letters"` }}
	flow := `"projectFlow":"FLOW"`
	for name, m := range map[string]move{"null": {with: "Bearer null"}, "undefined": {with: "Bearer undefined"}, "gateway and unknown": {with: "Bearer a.b.c", more: []string{gateway}}, "flow and unknown": {with: "Bearer a.b.c", more: []string{flow}}, "example key": {with: "example key"}} {
		steps = append(steps, sequence("PV-16", name, StatePending, nil, m))
	}
	for name, m := range map[string]move{"other project": {more: []string{project}}, "other spaces": spaced, "other after": {}} {
		m.with = "other"
		steps = append(steps, sequence("PV-16", name, StatePending, nil, mistyped, m))
	}
	anotherFlow := []string{`"projectFlow":"0123456789abcdef01234567"`}
	fraction := move{otp: func(right int) string { return strconv.Itoa(right) + ".5" }}
	steps = append(steps,
		sequence("PV-16", "flow alone", StatePending, nil, move{with: "-", more: []string{flow}}),
		sequence("PV-17", "another flow", StatePending, nil, move{otp: wrong, more: anotherFlow}, right),
		sequence("PV-27", "another flow", StateWebhook, notified, move{more: anotherFlow}), sequence("PV-27", "a fraction", StateWebhook, notified, fraction),
		step{"PV-25", "for a phone of another", func(s *script, note func(string, string)) {
			own, other := s.state(s.t, StatePending), s.state(s.t, StatePending)
			own.Phone, own.CountryCode = other.Phone, other.CountryCode
			text := s.put(own, own.OTP).refused()
			note(text, text)
		}},
		sequence("PV-25", "a digit more", StatePending, nil, move{otp: func(right int) string { return strconv.Itoa(right) + "0" }}), sequence("PV-25", "a half", StatePending, nil, fraction),
		sequence("PV-08", "project", StatePending, nil, move{shape: spaced.shape, more: []string{project}}),
		sequence("PV-11", "gateway and another", StatePending, nil, move{more: []string{elsewhere.more[0], gateway}}),
		sequence("PV-11", "another flow before face liveness", StateLiveness, nil, move{more: []string{`"projectFlow":"0123456789abcdef01234567"`}}),
		sequence("PV-12", "where notified", StateWebhook, notified, right), sequence("PV-13", "where notified", StateWebhook, notified, right),
		sequence("PV-21", "after the success", StatePending, nil, right, anotherPhone),
		sequence("PV-21", "the code of many", StatePending, nil, move{shape: func(v *values) { v.CountryCode = "+1" }}),
		sequence("PV-21", "another code, gateway named", StatePending, nil, move{shape: func(v *values) { v.CountryCode = "+52" }, more: []string{gateway}}),
		sequence("PV-21", "another phone, project named", StatePending, nil, move{shape: anotherPhone.shape, more: []string{project}}),
		sequence("PV-22", "no number", StatePending, nil, text), sequence("PV-25", "after the success", StatePending, nil, right, text),
		sequence("PV-25", "links nothing", StatePending, nil, text),
		sequence("PV-27", "again", StateWebhook, notified, mistyped, mistyped), sequence("PV-27", "no number", StateWebhook, notified, text),
		sequence("PV-27", "flow", StateWebhook, notified, move{otp: wrong, more: []string{flow}}),
		sequence("PV-27", "+1", StateWebhook, append([]string{"countryCode", "+1"}, notified...), mistyped),
		sequence("PV-27", "whatsapp", StateWebhook, append([]string{"phoneGateway", "whatsapp"}, notified...), mistyped),
		sequence("PV-27", "none", StateWebhook, append([]string{"phoneGateway", "none"}, notified...), mistyped))
	for _, said := range []struct {
		rule, name, state string
		move
	}{
		{"PV-01", "project", StatePending, move{more: []string{project}}},
		{"PV-02", "gateway", StatePending, move{otp: wrong, more: []string{gateway}}}, {"PV-02", "project", StatePending, move{otp: wrong, more: []string{project}}}, {"PV-02", "notified", StateWebhook, mistyped},
		{"PV-03", "spaces", StateNone, move{shape: spaced.shape, otp: func(int) string { return "246813" }}}, {"PV-05", "gateway", StatePending, move{body: func(string) string { return `{"phone":"1","phoneGateway":"sms"}` }}},
		{"PV-07", "gateway", StateExpired, move{more: []string{gateway}}},
	} {
		steps = append(steps, step{said.rule, said.name, func(s *script, note func(string, string)) {
			v := s.state(s.t, said.state, notified...)
			r := said.send(s, v)
			note(mask(r.exact(), v), mask(r.promised(), v))
		}})
	}
	for _, of := range [][]string{{"countryCode", "+1"}, {"countryCode", "+57"}, {"phoneGateway", "whatsapp"}, {"phoneGateway", "none"}} {
		steps = append(steps,
			sequence("PV-08", of[1], StatePending, of, spaced), sequence("PV-16", of[1], StatePending, of, withoutToken),
			sequence("PV-17", of[1], StatePending, of, mistyped, right), sequence("PV-22", of[1], StatePending, of, mistyped))
	}
	for _, code := range []string{"++57", `+57\n`, "PAN", "pa", "+507;1"} {
		steps = append(steps, refused("PV-06", code, StateNone, func(values) string { return `{"phone":"1","countryCode":"` + code + `","otp":1}` }))
	}
	for name, otp := range map[string]func(string) string{
		"among others in a list": func(right string) string { return "[1," + right + "]" }, "as text in a list": func(right string) string { return `["` + right + `"]` },
		"in lists": func(right string) string { return "[[" + right + "]]" }, "a thousandth": func(right string) string { return right + ".001" },
		"as a line": func(right string) string { return `"1\n` + right + `"` }, "{}": nil, `{"$exists":true}`: nil, `{"$regex":".*"}`: nil, `"' OR '1'='1"`: nil, "1": nil, "1e400": nil, `"000000"`: nil, "-1": nil, `" "`: nil, "1234": nil,
	} {
		steps = append(steps, sequence("PV-25", name, StatePending, nil, move{otp: func(right int) string {
			if otp == nil {
				return name
			}
			return otp(strconv.Itoa(right))
		}}))
	}
	return steps
}
