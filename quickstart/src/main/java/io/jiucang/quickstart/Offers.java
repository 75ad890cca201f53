package io.jiucang.quickstart;

import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.TokensMinted;
import io.jiucang.quickstart.EventTail.Seen;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.title.directory.Document.Account;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Step S1 as the winery lives it: it signs what it offers with its own key, and brings it over HTTP. */
final class Offers {

    private static final JsonMapper JSON = new JsonMapper();

    private final Story story;

    Offers(Story story) {
        this.story = story;
    }

    /** @param offer the id of the winery's statement, which orders name */
    record Plan(String offer, Winery.Offer terms, String name) {}

    /** One for each in {@code sales-plans.json}. */
    List<Plan> make() throws IOException {
        story.console().heading("S1  A winery offers cases; each becomes a token in a vault");
        Map<String, JsonNode> products = new HashMap<>();
        resource("catalogue.json")
                .forEach(product -> products.put(product.path("product").asString(), product));
        Account account = account(story.stack().keys());
        String agreement = Api.getPublic(Stack.Member.ORDER.uri().resolve("/api/v1/custody-agreements/current"))
                .requireSuccess()
                .json()
                .path("sha256")
                .asString();
        List<Plan> plans = new ArrayList<>();
        for (JsonNode plan : resource("sales-plans.json")) {
            JsonNode product =
                    Objects.requireNonNull(products.get(plan.path("product").asString()));
            plans.add(make(
                    terms(plan, product, account, agreement),
                    product,
                    plan.path("code").asString()));
        }
        return plans;
    }

    /** The winery's, at the payment provider. */
    static Account account(Keys keys) {
        return keys.directory().document().wineries().getFirst().accounts().getFirst();
    }

    private Plan make(Winery.Offer terms, JsonNode product, String code) {
        String statement = story.stack().parties().winery().offer(terms);
        JsonNode created = story.as("winery")
                .post(
                        Stack.Member.TOKEN.uri().resolve("/api/v1/plans"),
                        Map.of("name", product.path("name"), "code", code, "statement", statement))
                .requireSuccess()
                .json();
        String planId = created.path("planId").asString();
        story.await(SalesPlanCreated.class, event -> event.planId().value().equals(planId));
        Seen<TokensMinted> minted =
                story.await(TokensMinted.class, event -> event.planId().value().equals(planId));
        String name = product.path("name").path("zh-CN").asString();
        story.console()
                .done(String.format(
                        "%s  %s: %,d cases in %s",
                        Story.at(minted), name, minted.event().count(), terms.site()));
        return new Plan(created.path("offer").asString(), terms, name);
    }

    private static Winery.Offer terms(JsonNode plan, JsonNode product, Account account, String agreement) {
        return new Winery.Offer(
                plan.path("product").asString(),
                product.path("gtin").asString(),
                plan.path("count").asLong(),
                plan.path("fen").asLong(),
                plan.path("limit").asLong(),
                Instant.parse(plan.path("from").asString()),
                Instant.parse(plan.path("until").asString()),
                plan.path("site").asString(),
                account.appid(),
                account.payee(),
                agreement,
                plan.path("deliverBy").asInt(),
                Duration.parse(plan.path("longestPayBy").asString()));
    }

    private static JsonNode resource(String name) throws IOException {
        try (InputStream in = Offers.class.getResourceAsStream("/data/" + name)) {
            if (in == null) {
                throw new IllegalStateException("missing in this build: " + name);
            }
            return JSON.readTree(in);
        }
    }
}
