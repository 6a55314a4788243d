// Calls Opendoor's endpoint with Apollo Client's links. Prints each link with the data or the error.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const to = { uri: `${process.argv[2]}/graphql`, headers: { authorization: "Basic sbx_apollo" } };
const query = gql`
  query OfferRequest($id: String!) {
    offerRequest(opendoorOfferRequestId: $id) {
      offerStatus
    }
  }
`;
const variables = { id: "4b231de1-3916-402b-9357-2128ec67a08b" };
const hashed = new PersistedQueryLink({ sha256: text => createHash("sha256").update(text).digest("hex") });

async function ask(name, link) {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  try {
    const { data } = await client.query({ query, variables });
    console.log(`${name}: ${data.offerRequest.offerStatus}`);
  } catch (error) {
    console.log(`${name}: ${error.message}`);
  }
}

await ask("HttpLink", new HttpLink(to));
await ask("GET", new HttpLink({ ...to, useGETForQueries: true }));
await ask("PersistedQueryLink", ApolloLink.from([hashed, new HttpLink(to)]));
await ask("BatchHttpLink", new BatchHttpLink(to));
await ask("no credential", new HttpLink({ uri: to.uri }));
