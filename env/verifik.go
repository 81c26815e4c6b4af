package env

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func (r reader) verifik(body *hclsyntax.Body) *Verifik {
	v := &Verifik{
		BaseURL:     r.baseURL("base_url"),
		ClientToken: r.token("client_token"),
		Phones:      r.phones("phones"),
		Expiry:      ExpiryExpiresAt,
	}
	v.Project, _ = r.text("project")
	v.ProjectFlow, _ = r.text("project_flow")
	v.LivenessProjectFlow, _ = r.text("liveness_project_flow")
	if expiry, ok := r.text("expiry"); ok {
		known := []string{ExpiryExpiresAt, ExpiryNone}
		if slices.Contains(known, expiry) {
			v.Expiry = expiry
		} else {
			r.wrong("expiry", "is not a way to expire a validation", fmt.Sprintf("It is %s.", quoted(known)))
		}
	}
	spec, _ := verifikStates().block("otp")
	for _, block := range body.Blocks {
		if block.Type == "otp" && spec.labelled(block) {
			kind := block.Labels[0]
			v.OTP = r.loader.reader(blockTitle("otp", kind), spec.body(kind), block.Body).otp(kind)
			break
		}
	}
	return v
}

// token reads a bearer token: one run of visible ASCII, since it goes into a header as it is.
func (r reader) token(name string) string {
	token, ok := r.text(name)
	if !ok {
		return ""
	}
	if strings.HasPrefix(strings.ToLower(token), "bearer ") {
		r.secrets.Add(token[len("bearer "):])
		r.wrong(name, `begins with "Bearer"`, "Give the token alone: the word is added.")
		return ""
	}
	for _, c := range []byte(token) {
		if c <= ' ' || c >= 0x7f {
			r.wrong(name, "is not a token", "A token is one run of visible ASCII characters, without white space and line breaks.")
			return ""
		}
	}
	r.checkLength(token, fmt.Sprintf("%q of %s", name, r.title), r.at(name))
	return token
}

var phoneForm = regexp.MustCompile(`^(\+[0-9]{1,3}) ([0-9]{4,15})$`)

// phones reads the pool.
func (r reader) phones(name string) []Phone {
	items, ok := r.list(name)
	var phones []Phone
	for _, item := range items {
		match := phoneForm.FindStringSubmatch(item.text)
		if match == nil {
			r.note(finding{at: item.at, summary: fmt.Sprintf("An element of %q is not a phone", name),
				detail: `Write the country code, one space and the number in digits: "+507 62647737".`})
			continue
		}
		phone := Phone{CountryCode: match[1], Number: match[2]}
		if slices.Contains(phones, phone) {
			r.note(finding{at: item.at, summary: fmt.Sprintf("A phone stands in %q twice", name),
				detail: "A scenario has its phones for itself, so each stands in the pool once."})
			continue
		}
		phones = append(phones, phone)
	}
	if ok && len(items) == 0 {
		r.wrong(name, "is empty", `Give at least one phone, as "+507 62647737".`)
	}
	return phones
}
