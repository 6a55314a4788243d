// A plain Java client with the provider's address built in. `offer-sandbox exec` sets the proxy and the trust store.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class ReadOffer {
    public static void main(String[] arguments) throws Exception {
        check("offer-123", 200);
        check("nobody", 404);
        System.out.println("ok");
    }

    private static void check(String id, int expected) throws Exception {
        URI offer = URI.create("https://api.sibipro.com/offers/" + id);
        HttpRequest request = HttpRequest.newBuilder(offer).header("Authorization", "Bearer my-key").build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != expected) {
            throw new AssertionError(response.statusCode() + " instead of " + expected + ": " + response.body());
        }
    }
}
