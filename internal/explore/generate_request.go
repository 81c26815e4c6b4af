package explore

import (
	"cmp"
	"fmt"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
)

// largeChange makes the body up to one MiB larger.
func largeChange(c *choices) change {
	how, size := c.smallBelow(4), c.size(1<<20)
	made := []change{
		{"white space follow the body", func(d *draft) { d.after += strings.Repeat(" ", size) }},
		{"text are in a further parameter", func(d *draft) { d.set("x", `"`+strings.Repeat("x", size)+`"`) }},
		{"text are the phone", func(d *draft) { d.set("phone", `"`+strings.Repeat("6", size)+`"`) }},
		{"texts are in a further parameter", func(d *draft) { d.set("x", "["+strings.Repeat(`"`+strings.Repeat("x", 1021)+`",`, size>>10)+"0]") }},
	}[how]
	return change{fmt.Sprintf("%d bytes of %s", size, made.words), made.apply}
}

// rawChanges sends something other than one JSON object. None holds the OTP: an answer that quotes the body would seem to echo
// it.
func rawChanges() changeMaker {
	bodies := []string{
		"[]", "", "null", "{", `[1]`, "true", `"text"`, "0", " ", `[{"phone":"1","countryCode":"+507","otp":1}]`, "[[", `{"phone":`, "phone=62647737&otp=246813",
		"<phone>1</phone>", "{'phone':'1'}", `{"phone":"1",}`, "NaN", `{"otp":01}`, `{"otp":+1}`, `{"otp":.5}`, `{"otp":NaN}`, `{"phone":"1"`,
		`{"phone":"` + "\xff\xfe" + `"}`, "\xff\xfe{\x01}", `{"phone":"` + "\t" + `"}`, "// c\n{}", "{}{}", "{}x", "[1,2,3]", "\x1f\x8b\x08\x01", "--x\r\n\r\n",
	}
	named := map[string]string{"": "empty", " ": "a space"}
	changes := group.Map(bodies, func(body string) change {
		return change{"the body is " + cmp.Or(named[body], fmt.Sprintf("%+q", body)), func(d *draft) { d.raw = &body }}
	})
	return pick(append(changes,
		change{"a byte order mark stands before the body", func(d *draft) { d.before = "\ufeff" + d.before }},
		change{"a further value follows the body", func(d *draft) { d.after += " {}" }},
		change{"text follows the body", func(d *draft) { d.after += "x" }},
		change{"white space stands around the body", func(d *draft) { d.before, d.after = "\r\n\t "+d.before, d.after+" \t\r\n" }},
	)...)
}

// unknownToken has the form of a token, and belongs to nobody.
const unknownToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJub2JvZHkifQ.bm90LWEtc2lnbmF0dXJlLW9mLWFueWJvZHk"

// unsignedToken has no payload, and says that it has no signature.
const unsignedToken = "eyJhbGciOiJub25lIn0.e30."

// unsign removes the signature of a token that is a JSON Web Token, and replaces any other by a made-up unsigned one.
func unsign(d *draft) {
	unsigned, isJWT := contract.MadeUp(d.values.Token)[contract.UnsignedToken]
	if !isJWT {
		d.madeUpHeader("Authorization", "Bearer "+unsignedToken)
		return
	}
	d.header["Authorization"], d.derived = []string{"Bearer " + unsigned}, append(d.derived, unsigned)
}

// tokenChanges sends no token, another one, or the right one in another way.
func tokenChanges() changeMaker {
	madeUp := func(words, value string) change {
		return change{words, func(d *draft) { d.madeUpHeader("Authorization", value) }}
	}
	own := func(words, value string) change {
		return change{words, func(d *draft) {
			d.header["Authorization"] = []string{strings.ReplaceAll(value, "{token}", d.values.Token)}
		}}
	}
	return pick(
		change{"there is no Authorization", func(d *draft) { delete(d.header, "Authorization") }},
		madeUp("the token is empty", "Bearer "),
		madeUp("the token is unknown", "Bearer "+unknownToken),
		change{"the token is unsigned", unsign},
		change{"the token lacks its end", func(d *draft) {
			cut := d.values.Token[:max(0, len(d.values.Token)-8)]
			d.header["Authorization"], d.derived = []string{"Bearer " + cut}, append(d.derived, cut)
		}},
		own("a letter stands before the token", "Bearer x{token}"),
		madeUp("the scheme stands alone", "Bearer"),
		madeUp("the token is the word null", "Bearer null"),
		madeUp("the token is the word undefined", "Bearer undefined"),
		madeUp("the scheme is Basic", "Basic bm9ib2R5OnNlY3JldA=="),
		madeUp("the token is odd text", "Bearer \U0001F600\u00e9"),
		madeUp("the token is no JWT", "Bearer a.b"),
		madeUp("the token is dots", "Bearer .."),
		madeUp("the token is very long", "Bearer "+strings.Repeat("a", 6000)),
		own("the scheme is lower case", "bearer {token}"),
		own("two spaces stand before the token", "Bearer  {token}"),
		own("the token has no scheme", "{token}"),
		own("the token stands in quotation marks", `Bearer "{token}"`),
		change{"there are two tokens, a made-up one first", func(d *draft) {
			d.madeUpHeader("Authorization", "Bearer "+unknownToken)
			d.header["Authorization"] = append(d.header["Authorization"], "Bearer "+d.values.Token)
		}},
	)
}

// contentTypeChanges declares another content type, or none.
func contentTypeChanges() changeMaker {
	none := change{"there is no Content-Type", func(d *draft) { delete(d.header, "Content-Type") }}
	others := group.Map([]string{
		"text/plain", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "Application/JSON", "application/xml",
		"multipart/form-data", "multipart/form-data; boundary=x", "application/vnd.api+json", "*/*", "json", "", "application/json; charset=nonsense", "application/json;", ";", "application/json, text/plain",
		"\U0001F600", "text/plain; charset=\u00e9",
	}, func(value string) change {
		return change{"the Content-Type is " + quoted(value), func(d *draft) { d.header["Content-Type"] = []string{value} }}
	})
	return pick(append([]change{none}, others...)...)
}

// headerChange adds a header.
func headerChange(c *choices) change {
	name := pickFrom(c, []string{
		"X-Explore", "Accept", "Content-Encoding", "X-Http-Method-Override", "Accept-Language", "X-Forwarded-For", "X-Request-Id", "If-Match", "Range", "Cookie", "Origin", "Prefer",
	})
	value := pickFrom(c, []string{
		"x", "", "text/html", "gzip", "DELETE", "\U0001F600", "\u00e9", "*", "127.0.0.1", "bytes=0-0", "a=b; a=c", "null", "../../etc/passwd", "${7*7}", "'", "\t", "identity, x", strings.Repeat("a", 4000), "\xff",
	})
	words := fmt.Sprintf("there is a header %s: %s", name, quoted(value))
	if len(value) > 100 {
		words = fmt.Sprintf("there is a header %s of %d characters", name, len(value))
	}
	return change{words, func(d *draft) { d.madeUpHeader(name, value) }}
}
