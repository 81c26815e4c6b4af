package explore

import "fmt"

// optionChanges adds an optional parameter: right, wrong, of another type.
func optionChanges() maker {
	project := optionChange("project", func(d *draft) string { return d.values.Project })
	flow := optionChange("projectFlow", func(d *draft) string { return d.values.ProjectFlow })
	gateway := optionChange("phoneGateway", func(d *draft) string { return d.values.PhoneGateway })
	return oneOf(project, flow, project, gateway, project, project)
}

func optionChange(name string, own func(*draft) string) maker {
	// The types come first and again: an id that is no text is what such code trips over.
	types := pick(constants(name, "0", "{}", "[]", `{"$ne":null}`, "null", "1", "true", `""`, "[1]", "-1.5", `" "`)...)
	values := append([]change{setting(name, "the validation's own", func(d *draft) string { return quoted(own(d)) })},
		constants(name, `"ffffffffffffffffffffffff"`, `"sms"`, `"none"`, `"whatsapp"`, `"SMS"`, `"x"`)...)
	return oneOf(types, pick(values...), types, placed(name, own), lengthy(name, "f", "é"))
}

// extraChange adds one parameter that is not documented.
func extraChange(c *choices) change {
	name := among(c, []string{
		"x", "__proto__", "constructor", "$where", "", "Phone", "OTP", "otp[]", "phone.number", "countrycode", "token", "id", "_id", "status", "toString", "é", "\U0001F600",
	})
	value := among(c, append(otherTypes(), `"text"`, `{"isAdmin":true}`, `"validated"`))
	return change{fmt.Sprintf("there is a further parameter %q: %s", name, value), func(d *draft) { d.set(name, value) }}
}

// manyChange adds many parameters that are not documented.
func manyChange(c *choices) change {
	n := 1 + c.size(64)
	return change{fmt.Sprintf("there are %d further parameters", n), func(d *draft) {
		for i := range n {
			d.set(fmt.Sprintf("p%d", i+1), "0")
		}
	}}
}
