// Package certificate turns the report of a run into a certificate that anyone can check
// without a network, and checks one.
//
// A certificate is an in-toto attestation of the type test-result in a DSSE envelope,
// signed with an Ed25519 key: the formats in which supply chains state such things, so
// that their tools can read it too. [Sign] makes one of the report of a run that can
// certify, [Verify] checks one.
//
// The statement's subject is the receiver's URL. An endpoint has no content to take a
// digest of, so the digest is that of the URL's text. What the run was made of is in the
// predicate's configuration: a descriptor of the run, with the digest of its
// configuration, and one of the catalogue, with its own; their annotations have the rest.
package certificate
