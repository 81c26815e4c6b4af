package explore

import (
	"fmt"
	"strings"
)

// tokenChanges sends no token, another, or the right one in another way.
func tokenChanges() maker {
	with := func(words, value string, s spelling) change {
		return change{words, func(d *draft) {
			d.header["Authorization"] = []string{strings.ReplaceAll(value, "{token}", d.token(s))}
		}}
	}
	return pick(
		change{"there is no Authorization", func(d *draft) { delete(d.header, "Authorization") }},
		with("the token is empty", "Bearer ", rightToken),
		with("the token is unknown", "Bearer "+unknownToken, rightToken),
		with("the token is unsigned", "Bearer {token}", unsignedToken),
		with("the token lacks its end", "Bearer {token}", shortToken),
		with("a letter stands before the token", "Bearer {token}", prefixedToken),
		with("the scheme stands alone", "Bearer", rightToken),
		with("the token is the word null", "Bearer null", rightToken),
		with("the token is the word undefined", "Bearer undefined", rightToken),
		with("the scheme is Basic", "Basic bm9ib2R5OnNlY3JldA==", rightToken),
		with("the token is odd text", "Bearer \U0001F600\u00e9", rightToken),
		with("the token is no JWT", "Bearer a.b", rightToken),
		with("the token is dots", "Bearer ..", rightToken),
		with("the token is very long", "Bearer "+strings.Repeat("a", 6000), rightToken),
		with("the scheme is lower case", "bearer {token}", rightToken),
		with("two spaces stand before the token", "Bearer  {token}", rightToken),
		with("the token has no scheme", "{token}", rightToken),
		with("the token stands in quotation marks", `Bearer "{token}"`, rightToken),
		change{"there are two tokens, a made-up one first", func(d *draft) {
			d.header["Authorization"] = []string{"Bearer " + unknownToken, "Bearer " + d.token(rightToken)}
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
	return change{words, func(d *draft) { d.header[name] = []string{value} }}
}
