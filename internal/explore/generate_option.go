package explore

import (
	"fmt"

	"pgregory.net/rapid"
)

// optionChanges adds an optional parameter: right, wrong, of another type.
func optionChanges() *rapid.Generator[change] {
	var all []*rapid.Generator[change]
	for _, name := range []string{"project", "projectFlow", "phoneGateway"} {
		all = append(all, optionChange(name))
	}
	return rapid.OneOf(evened([]*rapid.Generator[change]{all[0], all[1], all[0], all[2], all[0], all[0]})...)
}

func optionChange(name string) *rapid.Generator[change] {
	own := func(d *draft) string {
		return map[string]string{"project": d.values.Project, "projectFlow": d.values.ProjectFlow, "phoneGateway": d.values.PhoneGateway}[name]
	}
	// The types come first and again: an id that is no text is what such code trips over.
	types := pick(constants(name, "0", "{}", "[]", `{"$ne":null}`, "null", "1", "true", `""`, "[1]", "-1.5", `" "`, "0", "1", "{}")...)
	return rapid.OneOf(evened([]*rapid.Generator[change]{
		types,
		pick(
			setting(name, "the validation's own", func(d *draft) string { return quoted(own(d)) }),
			constant(name, `"ffffffffffffffffffffffff"`), constant(name, `"sms"`), constant(name, `"none"`), constant(name, `"whatsapp"`), constant(name, `"SMS"`), constant(name, `"x"`),
		),
		types,
		placed(name, own),
		lengthy(name, 2048, "f", "é"),
	})...)
}

// extraChanges adds one parameter that is not documented.
func extraChanges() *rapid.Generator[change] {
	names := among(
		"x", "__proto__", "constructor", "$where", "", "Phone", "OTP", "otp[]", "phone.number", "countrycode", "token", "id", "_id", "status", "toString", "é", "\U0001F600",
	)
	values := among(append(otherTypes(), `"text"`, `{"isAdmin":true}`, `"validated"`)...)
	return rapid.Custom(func(t *rapid.T) change {
		name, value := names.Draw(t, "name"), values.Draw(t, "value")
		return change{fmt.Sprintf("there is a further parameter %q: %s", name, value), func(d *draft) { d.set(name, value) }}
	})
}

// manyChanges adds many parameters that are not documented.
func manyChanges() *rapid.Generator[change] {
	return rapid.Map(rapid.IntRange(1, 64), func(n int) change {
		return change{fmt.Sprintf("there are %d further parameters", n), func(d *draft) {
			for i := range n {
				d.set(fmt.Sprintf("p%d", i+1), "0")
			}
		}}
	})
}
