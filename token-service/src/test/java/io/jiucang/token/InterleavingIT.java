package io.jiucang.token;

import static io.jiucang.starter.test.TestPlatform.LI;
import static io.jiucang.starter.test.TestPlatform.WANG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventTypes;
import io.jiucang.events.OrderEvent.EndReason;
import io.jiucang.events.OrderEvent.OrderEnded;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.TokenEvent.ReservationRefused;
import io.jiucang.events.TokenEvent.TokenGranted;
import io.jiucang.events.TokenEvent.TokensReserved;
import io.jiucang.events.TokenEvent.TokensSold;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.starter.test.RunningService.Capture;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.TokenState;
import io.jiucang.title.event.Opening;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Consumers side by side, in small batches, come to what one comes to who reads everything in turn: nobody gets more than
 * the limit, nothing is sold twice, every title that is owed is granted, and no saga is left.
 */
@RealInfrastructure
class InterleavingIT {

    private static final int LIMIT = 2;

    @RegisterExtension
    static final RunningService service = new RunningService(
                    TokenServiceApplication.class,
                    "token",
                    Map.of(
                            "jiucang.partitions", "6",
                            "jiucang.inbox.consumers", "6",
                            "jiucang.inbox.batch", "3"))
            .anchoringOnly(event -> Opening.concerns(event.getType()));

    @ParameterizedTest
    @ValueSource(longs = {1, 4, 6})
    void comeToWhatOneComesTo(long seed) {
        Sales oneByOne = new Sales(new Random(seed), service::publishInTurn);
        Sales interleaved = new Sales(new Random(seed), service::publishAtOnce);

        assertThat(interleaved.outcome()).isEqualTo(oneByOne.outcome());
    }

    /** Some buyers ask for more than they may have, of a plan with enough and one with too few; some of those served cancel. */
    private static final class Sales {

        private final List<Plan> plans = List.of(open(9), open(5));

        private record Plan(PlanId planId, VaultId vaultId, String offer) {}

        private record Order(OrderId id, Plan plan, String buyer, OrderPlaced placed) {

            static Order of(Plan plan, String buyer) {
                service.bear(List.of(buyer));
                OrderPlaced placed = TokenFixtures.orderPlaced(TokenFixtures.order(plan.offer, buyer, 1));
                return new Order(placed.orderId(), plan, buyer, placed);
            }
        }

        Sales(Random random, Consumer<List<CloudEvent>> telling) {
            List<CloudEvent> placing = new ArrayList<>();
            List<Order> orders = plans.stream()
                    .flatMap(plan -> Stream.of(LI, WANG, "zhang")
                            .flatMap(buyer -> IntStream.range(0, LIMIT + 2).mapToObj(i -> Order.of(plan, buyer))))
                    .toList();
            orders.forEach(order -> placing.add(signed(order.placed, order.id)));
            Collections.shuffle(placing, random);
            telling.accept(placing);

            List<OrderId> paid = new ArrayList<>();
            List<CloudEvent> paying = new ArrayList<>();
            for (Plan plan : plans) {
                for (TokensReserved reserved : recorded(TokensReserved.class, plan)) {
                    OrderId order = reserved.orderId();
                    if (random.nextInt(4) == 0) {
                        paying.add(signed(new OrderEnded(order, plan.planId, plan.vaultId, EndReason.BUYER), order));
                    } else {
                        Capture capture = service.capture(order);
                        service.ledger().tellEvidence(capture.receipt().bytes());
                        paying.add(signed(capture.event(), capture.event().paymentId()));
                        paid.add(order);
                    }
                }
            }
            Collections.shuffle(paying, random);
            telling.accept(paying);
            service.awaitLaw(state -> paid.stream()
                    .allMatch(
                            order -> state.findOrder(order).orElseThrow().sale().isPresent()));

            List<CloudEvent> releasing = new ArrayList<>();
            for (Plan plan : plans) {
                for (TokensSold sold : recorded(TokensSold.class, plan)) {
                    Map<TokenId, BoxCode> boxes = SerialRange.tokens(plan.vaultId, sold.serials())
                            .collect(Collectors.toMap(Function.identity(), Sales::boxOf));
                    CasesReleased released = service.sales()
                            .released(
                                    sold.orderId(),
                                    service.saleOf(sold.orderId()),
                                    TestPlatform.SITES.getFirst(),
                                    boxes);
                    releasing.add(signed(released, released.releaseId()));
                }
            }
            Collections.shuffle(releasing, random);
            telling.accept(releasing);
            service.awaitLaw(state -> plans.stream()
                    .flatMap(plan -> recorded(TokensSold.class, plan).stream())
                    .flatMap(sold -> SerialRange.tokens(sold.vaultId(), sold.serials()))
                    .allMatch(token -> state.token(token).orElseThrow() instanceof TokenState.Owned));
            await().until(() -> count("select count(*) from reservation where under_way <> ?", "{\"ranges\":[]}") == 0);
        }

        /** What came of it, whoever was first. */
        List<Map<String, Long>> outcome() {
            return plans.stream()
                    .map(plan -> Map.of(
                            "most of one buyer", most(plan),
                            "refused",
                                    (long) recorded(ReservationRefused.class, plan)
                                            .size(),
                            "unsold", count("select unsold from sales_plan where vault_id = ?", plan.vaultId),
                            "sold", (long) recorded(TokensSold.class, plan).size(),
                            "granted", (long) recorded(TokenGranted.class, plan).size(),
                            "owned", count("select count(*) from token where vault_id = ?", plan.vaultId),
                            "parked", count("select count(*) from parked_event where event_key <> ?", "")))
                    .toList();
        }

        private static long most(Plan plan) {
            return recorded(TokensReserved.class, plan).stream()
                    .collect(Collectors.groupingBy(TokensReserved::buyer, Collectors.counting()))
                    .values()
                    .stream()
                    .mapToLong(Long::longValue)
                    .max()
                    .orElse(0);
        }

        private static <E extends DomainEvent> List<E> recorded(Class<E> type, Plan plan) {
            return service.bean(JdbcClient.class)
                    .sql("""
                            select payload from domain_event_entry
                            where payload_type = ? and aggregate_identifier like ? || '%' order by global_index""")
                    .params(EventTypes.typeOf(type), plan.vaultId.value())
                    .query((row, number) -> EventJson.read(row.getBytes(1), type))
                    .list();
        }

        private static Plan open(int cases) {
            Answer created =
                    service.post("/api/v1/plans", TokenFixtures.newPlan(service.platform(), cases, LIMIT), "winery");
            assertThat(created.status()).isEqualTo(201);
            Plan plan = new Plan(
                    new PlanId(created.json().path("planId").asString()),
                    new VaultId(created.json().path("vaultId").asString()),
                    created.json().path("offer").asString());
            service.awaitLaw(state -> state.plans().containsKey(plan.planId));
            return plan;
        }

        private static BoxCode boxOf(TokenId token) {
            return new BoxCode(TokenFixtures.GTIN, token.vault().value().substring(24) + token.serial());
        }

        private static CloudEvent signed(DomainEvent event, Object subject) {
            return service.platform().signed(event, subject.toString());
        }

        private static long count(String sql, Object parameter) {
            return service.bean(JdbcClient.class)
                    .sql(sql)
                    .param(parameter.toString())
                    .query(Long.class)
                    .single();
        }
    }
}
