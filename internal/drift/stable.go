package drift

import "regexp"

// volatile finds what is another in every run: ids, times, tokens, durations, long numbers.
var volatile = regexp.MustCompile(`(?i)` +
	`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b` + // a UUID
	`|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?` + // a time, ISO 8601
	`|\b(mon|tue|wed|thu|fri|sat|sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d gmt` + // a time, HTTP
	`|\beyJ[\w-]+\.[\w-]+\.[\w-]*` + // a JWT
	`|\b[0-9a-f]{16,}\b` + // an id or a digest
	`|\b\d{10,}\b` + // a time in seconds, a phone, a serial number
	`|\b\d+(\.\d+)?(ns|us|µs|ms|s)\b`) // how long it took

// stable is the text with a mark for each part that is another in every run.
func stable(text string) string { return volatile.ReplaceAllString(text, "*") }
