// Calls a server with java.net.http.HttpClient as it is by default: it offers h2c with every call over plain HTTP.
// Arguments: the server's address, a workspace. Prints a line for each call: its name, status, outcome and body.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;

class DefaultClient {
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    public static void main(String[] arguments) throws Exception {
        String url = arguments[0], key = "sbx_" + arguments[1];
        call("covent", "POST", url + "/api/v1/offers", "Bearer " + key, "{\"listing_id\":\"lst_123\","
            + "\"individual_id\":\"ind_123\",\"amount\":372000,\"terms\":{\"inspection_period_days\":7,"
            + "\"close_of_escrow_days\":14},\"notes\":\"\"}");
        call("ebay", "POST", url + "/sell/negotiation/v1/send_offer_to_interested_buyers", "Bearer " + key,
            "{\"offeredItems\":[{\"listingId\":\"110000000001\",\"discountPercentage\":\"10\"}]}");
        call("opendoor", "POST", url + "/graphql", "Basic " + key,
            "{\"query\":\"{ offerRequest(opendoorOfferRequestId: \\\"4b231de1-3916-402b-9357-2128ec67a08b\\\") "
            + "{ offerStatus } }\"}");
        String pair = Base64.getEncoder().encodeToString((key + ":secret").getBytes());
        call("estateprime", "GET", url + "/api/offers", "Basic " + pair,
            "{\"store_id\":2,\"status\":\"under_negotiation\"}");
    }

    static void call(String name, String method, String address, String authorization, String body)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
            .header("Authorization", authorization)
            .header("Content-Type", "application/json")
            .header("X-EBAY-C-MARKETPLACE-ID", "EBAY_US")
            .method(method, BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
        String outcome = answer.headers().firstValue("X-Sandbox-Outcome").orElse("none");
        System.out.println(name + "\t" + answer.statusCode() + "\t" + outcome + "\t" + answer.body());
    }
}
