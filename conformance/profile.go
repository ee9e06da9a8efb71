package conformance

// Core is the name of the profile that a certificate needs: every MUST.
const Core = "core"

// Profile is a named choice of checks.
type Profile struct {
	Name        string
	Description string
	Has         func(*Check) bool
}

// Profiles returns the profiles, the smallest first.
func Profiles() []Profile {
	return []Profile{
		{Core, "every MUST that needs no special consent", func(c *Check) bool { return c.Level == Must }},
		{"recommended", "core and every SHOULD and MAY that needs no special consent", func(*Check) bool { return true }},
		{Robustness, "recommended, and payload/variants with every variant of every event: some thousands", func(*Check) bool { return true }},
	}
}

func profile(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

func profileNames() []string {
	var names []string
	for _, p := range Profiles() {
		names = append(names, p.Name)
	}
	return names
}
