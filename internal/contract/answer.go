package contract

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// AnswerByWords returns the documented answer with these words; its status is 0 if there is none.
func (c Checks) AnswerByWords(words string) schemas.Answer {
	return group.First(c.Answers(), func(a schemas.Answer) bool { return a.Words == words })
}

// Words returns the words of the documented answers.
func (c Checks) Words() []string {
	return group.Map(c.Answers(), func(a schemas.Answer) string { return a.Words })
}

// of returns the documented answer that a rule of its own is about (Lacking).
func (c Checks) of(rule string) schemas.Answer {
	return group.First(c.Answers(), func(a schemas.Answer) bool { return a.Rule == rule })
}

// Lacking returns the rules that are judged by a documented answer of their own, of which the schemas declare none.
func Lacking(declared *schemas.Set) []string {
	return group.Where([]string{RuleSuccess, RuleWrongOTP, RuleNotFound, RuleAllMissing, RuleFormat, RuleExpired}, func(rule string) bool {
		return !slices.ContainsFunc(declared.Answers(), func(a schemas.Answer) bool { return a.Rule == rule })
	})
}

// Success returns the documented answer to the right OTP.
func (c Checks) Success() schemas.Answer { return c.of(RuleSuccess) }

// parameters returns the documented parameters, the required ones first.
func (c Checks) parameters() []string {
	return slices.Concat(c.Endpoint().Required, c.Endpoint().Optional)
}

// documents reports whether a status is documented.
func (c Checks) documents(status int) bool {
	return slices.ContainsFunc(c.Answers(), func(a schemas.Answer) bool { return a.Status == status })
}

// statuses returns the documented statuses, each once.
func (c Checks) statuses() []string {
	return slices.Compact(group.Map(c.Answers(), func(a schemas.Answer) string { return strconv.Itoa(a.Status) }))
}

// missingIn returns the parameters that a text, split into words, calls missing in the way the documented message does.
func (c Checks) missingIn(words string) []string {
	missing := c.words.missing
	return group.Where(c.parameters(), func(name string) bool {
		return missing != "" && slices.ContainsFunc(c.words.spellings[name], func(spelling string) bool { return strings.Contains(words, missing+spelling) })
	})
}

// badFormat returns the first sentence of the documented message about a malformed country code.
func (c Checks) badFormat() string {
	messages := c.of(RuleFormat).Messages
	if len(messages) == 0 {
		return ""
	}
	sentence, _, _ := strings.Cut(messages[0], ".")
	return sentence
}

// saysBadFormat reports whether a message calls the country code malformed.
func (c Checks) saysBadFormat(message string) bool {
	sentence := c.badFormat()
	return sentence != "" && strings.HasPrefix(message, sentence)
}

// Unanswered returns why an exchange cannot be judged, like the function of that name, but accepts any answer that the schemas
// declare: a provider may document a 429 of its own.
func (c Checks) Unanswered(e exchange.Exchange) *exchange.Failure {
	failure := Unanswered(e)
	if failure == nil || e.Answer == nil {
		return failure
	}
	r := parse(e.Answer)
	declared := slices.ContainsFunc(c.Answers(), func(a schemas.Answer) bool {
		return a.Status == e.Answer.Status && r.err == nil && len(c.fit(r, a.Schema)) == 0
	})
	if declared {
		return nil
	}
	return failure
}

// Unanswered returns why an exchange cannot be judged: no complete answer came, or a gateway or rate limiter answered in
// place of the provider. It returns nil if the exchange can be judged.
func Unanswered(e exchange.Exchange) *exchange.Failure {
	if e.Answer == nil {
		return e.Failure
	}
	switch e.Answer.Status {
	case http.StatusTooManyRequests:
		return &exchange.Failure{Cause: exchange.CauseRateLimited, Message: "the target answered 429: too many requests" + askedTooLong(e), Sent: true}
	case http.StatusBadRequest:
		if asksForTLS(e.Answer.Body) {
			message := "the target expects TLS: its address begins with https://"
			if strings.HasPrefix(strings.ToLower(e.Request.URL), "https://") { // a gateway came without TLS to what stands behind it
				message = "a server behind the target expects TLS, and was called without"
			}
			return &exchange.Failure{Cause: exchange.CauseTLS, Message: message, Sent: true}
		}
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &exchange.Failure{Cause: exchange.CauseUnavailable, Message: fmt.Sprintf("the target answered %d: %s", e.Answer.Status, strings.ToLower(http.StatusText(e.Answer.Status))) + askedTooLong(e), Sent: true}
	}
	return nil
}

// asksForTLS reports whether a body is that of a usual server's 400 to a request that came without TLS.
func asksForTLS(body []byte) bool {
	return slices.ContainsFunc([]string{
		"HTTP request to an HTTPS server",           // Go
		"plain HTTP request was sent to HTTPS port", // nginx
		"plain HTTP to an SSL-enabled server port",  // Apache
		"combination of host and port requires TLS", // Tomcat
	}, func(said string) bool { return bytes.Contains(body, []byte(said)) })
}

// askedTooLong says that an answer asks for a longer wait than the tool makes; "" if it does not.
func askedTooLong(e exchange.Exchange) string {
	if wait := e.RetryAfter(); wait > exchange.LongestRetryAfter {
		return ", and asks to wait " + text.Duration(wait) + ": the tool waits " + text.Duration(exchange.LongestRetryAfter) + " at most"
	}
	return ""
}

// Answered summarizes the answer to the last judged exchange; "" if there was none.
func (c Checks) Answered(exchanges []exchange.Exchange) string {
	for _, e := range slices.Backward(exchanges) {
		if e.Purpose == exchange.Judged && e.Answer != nil {
			return c.summary(e.Answer)
		}
	}
	return ""
}

// summary describes an answer in a few words: "404 phone_validation_not_found".
func (c Checks) summary(a *exchange.Answer) string {
	text := summary(a)
	code, message := parse(a).text("code"), parse(a).text("message")
	// Where several answers share a status, only the message tells them apart: which parameter is missing.
	if several := group.Where(c.Answers(), func(d schemas.Answer) bool { return d.Status == a.Status }); len(several) > 1 && code != "" && message != "" && message != code && message != fmt.Sprintf("%d:%s", a.Status, code) {
		text += ": " + quote(message)
	}
	return text
}

// summary describes any answer in a few words, by its own code or status.
func summary(a *exchange.Answer) string {
	text := strconv.Itoa(a.Status)
	if a.Status >= 300 && a.Status < 400 {
		return text + " (a redirect, which is never followed)"
	}
	r := parse(a)
	if r.err != nil {
		return text + ", and " + r.err.Error()
	}
	if code, ok := member(r.value, "code").(string); ok {
		return text + " " + code
	}
	if status, ok := member(r.value, "data", "status").(string); ok {
		return text + " with status " + quote(status)
	}
	return text
}
