package conformance

// Names of profiles. Core is the one that a certificate needs: every MUST.
const (
	Core        = "core"
	Recommended = "recommended"
	Security    = "security"
	LoadProfile = "load"
	All         = "all"

	// EffectsProfile is the one of what only an observer can tell.
	EffectsProfile = "effects"
)

// Profile is a named choice of checks.
type Profile struct {
	Name        string
	Description string
	Has         func(*Check) bool
}

// Profiles returns the profiles, the smallest first.
func Profiles() []Profile {
	return []Profile{
		{Core, "every MUST that needs no special consent", inCore},
		{Recommended, "core and every SHOULD that needs no special consent", inRecommended},
		{Security, "authentication and security in full, with more wrong credentials than other profiles send, and the gate before them", func(c *Check) bool {
			return (c.Group() == "auth" || c.Group() == "security") && c.Impact != Load && !c.byName || inCore(c) && c.phase <= phaseBaseline
		}},
		{Robustness, "recommended, what only informs, hostile probes, and payload/variants with every variant of every event: some thousands", func(c *Check) bool {
			return inRecommended(c) || modern(c) && c.Group() != "security" && c.Impact != Load && !c.strains
		}},
		{EffectsProfile, "every check that asks an observer for the effects of events, the refusals that it asks about, and the gate before them", func(c *Check) bool {
			return modern(c) && c.Impact != Load && (c.observed || c.counts) || inCore(c) && (c.phase <= phaseBaseline || c.phase == phaseAuth)
		}},
		{LoadProfile, "many events in a short time, and for a longer one, and the gate before them: some minutes", func(c *Check) bool {
			return c.Impact == Load && !c.byName || inCore(c) && c.phase <= phaseBaseline
		}},
		{Legacy, "core and legacy/*, with events of the legacy generation, which an app has instead of all others", func(c *Check) bool {
			return inCore(c) || !modern(c)
		}},
		{All, "every check but those of load and of the legacy generation", func(c *Check) bool { return modern(c) && c.Impact != Load && !c.byName }},
	}
}

// modern tells whether a check is of use with the events of today.
func modern(c *Check) bool { return c.Group() != Legacy }

func inCore(c *Check) bool { return c.Level == Must && modern(c) }

func inRecommended(c *Check) bool {
	return inCore(c) || modern(c) && c.Level == Should && c.Impact != Hostile && c.Impact != Load && !c.strains
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

// maxWrong is how many requests with a wrong credential a run may send: few
// enough that no ordinary lock-out notices, unless more are asked for.
func (o *Options) maxWrong() int {
	if o.thorough() {
		return 40
	}
	return 14
}

// thorough tells whether authentication is tried in full.
func (o *Options) thorough() bool { return o.Profile == Security || o.Profile == All }
