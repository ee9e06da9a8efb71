// Package schemas is the contract of CometChat's webhooks: one JSON Schema
// (draft 2020-12) per trigger, and the functions that judge a payload by it.
//
// Start with [ValidateEvent], which picks the schema by the payload's trigger,
// or [Validate], which is told the trigger. Both return a [*ValidationError]
// with every violation as a JSON Pointer and a message:
//
//	trigger, err := schemas.ValidateEvent(body)
//
// The files are the catalogue. triggers/NAME.json is the trigger NAME, and its
// annotations are the entry that [Lookup] and [Triggers] return. Shapes that
// more than one trigger has are in defs/. Files refer to each other by relative
// paths; [Bundle] returns one that needs no other.
//
// Webhooks are of one of two generations, which an app never mixes: [ValidateEvent]
// judges the modern one and [ValidateEventOf] either. before_message of the legacy
// generation is the only event whose answer counts: [BeforeMessageAnswer] judges it.
// Of a few triggers no more than the name is known ([Unshaped]): their data may be
// any object.
//
// openapi.yaml describes the management API, which configures webhooks, and lists
// the triggers as webhooks of OpenAPI, by reference to their files; [OpenAPI]
// returns all of it as one document.
//
// The schemas are open and strict. Open: a member that the contract does not
// know passes at every level, because live deliveries carry some; [Drift] lists
// them, and a [Comparison] counts over many payloads what the contract lacks and
// proposes how to change it. Strict: a member that it knows must have its type, unit and closed
// values, is null only where null is documented, and must be there if every
// documented payload of the trigger has it, unless something says that it may be
// left out. Values are closed only where the provider gives a closed list.
//
// To add a trigger, add triggers/NAME.json with the keywords x-group, x-tier,
// x-idempotencyKey, x-source and x-basis beside title and description; x-keyBasis
// if there is a key, x-generation "legacy" if it is of that, and x-aliasOf if it is
// another name of a trigger. Add an example with only its required members as
// testdata/minimal/NAME.json and one with all known members as
// testdata/full/NAME.json. Then run go generate ./schemas, which lists it in
// openapi.yaml, and go test ./schemas -update. Nothing else lists triggers.
// Keywords that the tests do not know fail them, so that a misspelled one cannot
// check nothing.
package schemas
