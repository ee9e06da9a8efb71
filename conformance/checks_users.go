package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// usersCheck is a check of an event whose map of users is keyed by given uids.
func usersCheck(name, title, requirement, probeText string, doc Doc, uids func(*session) [][]string) *Check {
	n := len(uids(&session{run: "10000000"}))
	return aboutTriggers(payloadCheck(name, title, Should, []Basis{Documented},
		requirement, srcTriggers, probeText, doc, n,
		func(ctx context.Context, p *Pass) error {
			if slices.Contains(p.s.rejected, usersTrigger) {
				p.skip("%s is not accepted at all (see ack/all-triggers)", usersTrigger)
				return nil
			}
			for _, list := range uids(p.s) {
				e, err := p.s.world.Members(usersTrigger, list)
				if err != nil {
					return err
				}
				what := fmt.Sprintf("a %s of %d users, the first %.40q", usersTrigger, len(list), list[0])
				if _, err := p.wantAccepted(ctx, what, probe{body: e.Body}); err != nil {
					return err
				}
			}
			return nil
		}), usersTrigger)
}

const usersTrigger = "group_member_added"

// someUsers are n uids of a run.
func someUsers(s *session, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("hpt-%s-%d", s.run, i)
	}
	return list
}

func mapsMany() *Check {
	return usersCheck("maps-many", "maps of users may have any size",
		"members, users and mentions are maps keyed by uid, with one entry or many.",
		"A group_member_added of 1, of 2 and of 25 users.",
		Doc{
			Passes: "2xx each; a refusal or an error warns.",

			Why: "One action may be about many users.", Cause: "the receiver reads the first entry only, or takes the map for a list",
			Fix: "go through all entries of the map",
		},
		func(s *session) [][]string {
			return [][]string{someUsers(s, 1), someUsers(s, 2), someUsers(s, 25)}
		})
}

func uidNumeric() *Check {
	c := usersCheck("uid-numeric", "uids that look like numbers are accepted",
		"A uid may consist of digits only.",
		"A group_member_added of the users 12345 and 0, and another.",
		Doc{
			Passes: "2xx; a refusal or an error warns.",

			Why: "Many apps use the numbers of their own users as uids.", Cause: "a map with such keys turns into a list, or changes its order, in JavaScript and PHP",
			Fix: "treat uids as texts, and never as indices",
		},
		func(s *session) [][]string {
			return [][]string{{"12345", "0", someUsers(s, 1)[0]}}
		})
	c.Basis, c.Source = []Basis{Judgement}, srcOurs
	return c
}

func uidProto() *Check {
	c := usersCheck("uid-proto", "uids that are names of JavaScript are accepted",
		"A uid may be any name of letters, digits, - and _.",
		"A group_member_added of the users __proto__, constructor and tostring.",
		Doc{
			Passes:       "2xx; a refusal or an error warns.",
			Alternatives: "Ignoring such users, once the event is acknowledged.",

			Why: "A user who calls himself __proto__ changes every object of a program that copies maps carelessly.", Cause: "members are merged into an object by name",
			Fix: "keep users in a Map, or in an object without a prototype",
		},
		func(*session) [][]string { return [][]string{{"__proto__", "constructor", "tostring"}} })
	c.Basis, c.Source, c.Hostile = []Basis{Judgement}, srcOurs, true
	c.Doc.Passes += afterwards
	return c
}

func uidLong() *Check {
	return usersCheck("uid-long", "uids of 100 characters are accepted",
		"A uid has at most 100 characters.",
		"A group_member_added of a user whose uid has 100 characters.",
		Doc{
			Passes: "2xx; a refusal or an error warns.",

			Why: "The limit is documented, and apps use it up with hashes and addresses.", Cause: "a column that is narrower",
			Fix: "store uids in 100 characters or more",
		},
		func(s *session) [][]string {
			uid := someUsers(s, 1)[0]
			return [][]string{{uid + strings.Repeat("x", 100-len(uid))}}
		})
}
