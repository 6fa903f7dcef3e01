/**
 * A referenced service on a certified OpenID client, and a holder in front of a browser.
 *
 *     node app.mjs < told.json
 *
 * reads {issuer, client_id, client_secret, ins, holder, measures, pairing} and prints one line of
 * JSON: what was granted, and the status of a call after each turn of the pairing. Everything that
 * OpenID Connect checks (discovery, PKCE, state, nonce, issuer, signature) is checked by the library.
 */

import * as openid from "openid-client";

const CALLBACK = "http://127.0.0.1:4321/callback";
const SCOPE = "openid offline_access launch/patient purpose/care patient/Observation.s";

let text = "";
for await (const part of process.stdin) text += part;
const told = JSON.parse(text);

const config = await openid.discovery(
  new URL(told.issuer),
  told.client_id,
  { id_token_signed_response_alg: "ES256" },
  openid.ClientSecretBasic(told.client_secret),
  { execute: [openid.allowInsecureRequests] },
);

/** The holder logs in and ticks one box; the address that the browser is sent back to. */
async function consented(address, label) {
  let page = await (await fetch(address)).text();
  const send = async (step, form) => {
    const pending = /name="pending" value="([^"]*)"/.exec(page)[1];
    const action = /<form method="post" action="([^"]+)"/.exec(page)[1];
    const body = new URLSearchParams({ pending, step, ...form });
    return fetch(new URL(action, told.issuer), { method: "POST", body, redirect: "manual" });
  };
  page = await (await send("franceconnect", { ins: told.ins })).text();
  const boxes = [...page.matchAll(/name="(use-\d+)"[^>]*>\s*<span>([^<]*)</g)];
  const chosen = boxes.filter(([, , said]) => said === label).map(([, name]) => [name, "yes"]);
  const answer = await send("consents", Object.fromEntries(chosen));
  return new URL(answer.headers.get("location"));
}

async function paired() {
  const verifier = openid.randomPKCECodeVerifier();
  const checks = { state: openid.randomState(), nonce: openid.randomNonce() };
  const address = openid.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...checks,
  });
  const back = await consented(address, "Lire mes mesures de santé");
  return openid.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    expectedState: checks.state,
    expectedNonce: checks.nonce,
    idTokenExpected: true,
  });
}

/** The last measure, as the pair of tokens opens it. */
async function read(tokens) {
  const address = new URL(told.measures.replace("{idPe}", encodeURIComponent(tokens.patient)));
  const headers = new Headers({ "Id-Token": tokens.id_token, Accept: "application/fhir+json" });
  const send = (bearer) =>
    fetch(address, { headers: new Headers([...headers, ["Authorization", `Bearer ${bearer}`]]) });
  const answer = await send(tokens.access_token);
  const body = await answer.json();
  const values = (body.entry ?? [])
    .map((entry) => entry.resource)
    .filter((one) => one.resourceType === "Observation")
    .map((one) => one.valueQuantity.value);
  return { status: answer.status, values };
}

const first = await paired();
const claims = first.claims();
const found = { subject: claims.sub, scope: first.scope, read: await read(first) };

const turned = await openid.refreshTokenGrant(config, first.refresh_token);
found.refreshed = await read(turned);

await fetch(told.pairing, {
  method: "DELETE",
  headers: { Authorization: `Bearer ${told.holder}` },
});
found.ended = await read(turned);
found.refusal = await openid
  .refreshTokenGrant(config, turned.refresh_token)
  .then(() => "", (error) => error.error);

const second = await paired();
found.again = await read(second);
await openid.tokenRevocation(config, second.refresh_token);
found.revoked = await read(second);
found.introspected = (await openid.tokenIntrospection(config, second.access_token)).active;

console.log(JSON.stringify(found));
