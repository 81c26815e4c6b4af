package explore

import (
	"fmt"
	"strings"

	"verifik-contract/internal/contract"
)

// unknownToken has a token's shape and is nobody's.
const unknownToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJub2JvZHkifQ.bm90LWEtc2lnbmF0dXJlLW9mLWFueWJvZHk"

// unsignedToken says of itself that it has no signature, and nothing else.
const unsignedToken = "eyJhbGciOiJub25lIn0.e30."

// unsign makes the token one without a signature, which only a JSON Web Token can be. In the place of another, one is made up.
func unsign(d *draft) {
	unsigned, isJWT := contract.MadeUp(d.values.Token)[contract.UnsignedToken]
	if isJWT {
		d.derived = append(d.derived, unsigned)
	} else {
		unsigned = unsignedToken
		d.madeUp = append(d.madeUp, "Bearer "+unsigned)
	}
	d.header["Authorization"] = []string{"Bearer " + unsigned}
}

// tokenChanges sends no token, another, or the right one in another way.
func tokenChanges() maker {
	madeUp := func(words, value string) change {
		return change{words, func(d *draft) {
			d.header["Authorization"], d.madeUp = []string{value}, append(d.madeUp, value)
		}}
	}
	own := func(words, value string, spell func(token string) string) change {
		return change{words, func(d *draft) {
			token := spell(d.values.Token)
			d.header["Authorization"], d.derived = []string{strings.ReplaceAll(value, "{token}", token)}, append(d.derived, token)
		}}
	}
	right := func(token string) string { return token }
	return pick(
		change{"there is no Authorization", func(d *draft) { delete(d.header, "Authorization") }},
		madeUp("the token is empty", "Bearer "),
		madeUp("the token is unknown", "Bearer "+unknownToken),
		change{"the token is unsigned", unsign},
		own("the token lacks its end", "Bearer {token}", func(token string) string { return token[:max(0, len(token)-8)] }),
		own("a letter stands before the token", "Bearer x{token}", right),
		madeUp("the scheme stands alone", "Bearer"),
		madeUp("the token is the word null", "Bearer null"),
		madeUp("the token is the word undefined", "Bearer undefined"),
		madeUp("the scheme is Basic", "Basic bm9ib2R5OnNlY3JldA=="),
		madeUp("the token is odd text", "Bearer \U0001F600\u00e9"),
		madeUp("the token is no JWT", "Bearer a.b"),
		madeUp("the token is dots", "Bearer .."),
		madeUp("the token is very long", "Bearer "+strings.Repeat("a", 6000)),
		own("the scheme is lower case", "bearer {token}", right),
		own("two spaces stand before the token", "Bearer  {token}", right),
		own("the token has no scheme", "{token}", right),
		own("the token stands in quotation marks", `Bearer "{token}"`, right),
		change{"there are two tokens, a made-up one first", func(d *draft) {
			madeUp := "Bearer " + unknownToken
			d.header["Authorization"], d.madeUp = []string{madeUp, "Bearer " + d.values.Token}, append(d.madeUp, madeUp)
		}},
	)
}

// contentTypeChanges calls the body something else, or nothing.
func contentTypeChanges() maker {
	changes := []change{{"there is no Content-Type", func(d *draft) { delete(d.header, "Content-Type") }}}
	for _, value := range []string{
		"text/plain", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "Application/JSON", "application/xml",
		"multipart/form-data", "multipart/form-data; boundary=x", "application/vnd.api+json", "*/*", "json", "", "application/json; charset=nonsense", "application/json;", ";", "application/json, text/plain",
		"\U0001F600", "text/plain; charset=\u00e9",
	} {
		changes = append(changes, change{"the Content-Type is " + quoted(value), func(d *draft) { d.header["Content-Type"] = []string{value} }})
	}
	return pick(changes...)
}

// headerChange adds a header.
func headerChange(c *choices) change {
	name := among(c, []string{
		"X-Explore", "Accept", "Content-Encoding", "X-Http-Method-Override", "Accept-Language", "X-Forwarded-For", "X-Request-Id", "If-Match", "Range", "Cookie", "Origin", "Prefer",
	})
	value := among(c, []string{
		"x", "", "text/html", "gzip", "DELETE", "\U0001F600", "\u00e9", "*", "127.0.0.1", "bytes=0-0", "a=b; a=c", "null", "../../etc/passwd", "${7*7}", "'", "\t", "identity, x", strings.Repeat("a", 4000), "\xff",
	})
	words := fmt.Sprintf("there is a header %s: %s", name, quoted(value))
	if len(value) > 100 {
		words = fmt.Sprintf("there is a header %s of %d characters", name, len(value))
	}
	return change{words, func(d *draft) { d.header[name], d.madeUp = []string{value}, append(d.madeUp, value) }}
}
