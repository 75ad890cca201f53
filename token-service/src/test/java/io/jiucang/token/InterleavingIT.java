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
import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.envelope.SignedEvents;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.store.ClusterLockFactory;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.title.event.Opening;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

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

    /** Who came second would else not see what the first is about to record, and nobody would be woken. */
    @Test
    void anEventAndItsAnchorWaitForEachOther() {
        Sales.Plan plan = Sales.open(1);
        Sales.Order order = Sales.Order.of(plan, LI);
        service.publishInTurn(List.of(Sales.signed(order.placed, order.id)));
        CloudEvent sale = Sales.signed(
                TokenFixtures.saleRecorded(
                        plan.vaultId,
                        order.id,
                        order.buyer,
                        Sales.recorded(TokensReserved.class, plan)
                                .getFirst()
                                .serials()
                                .toArray(SerialRange[]::new)),
                order.id);
        CloudEvent anchor = Sales.signed(service.ledger().anchor(sale), "ledger");
        String leaf = Anchors.lockOf(HexFormat.of().formatHex(SignedEvents.leafHash(SignedEvents.dsseMaterial(sale))));
        TransactionTemplate another = new TransactionTemplate(service.bean(PlatformTransactionManager.class));

        for (CloudEvent either : List.of(sale, anchor)) {
            another.executeWithoutResult(status -> {
                ClusterLockFactory.lockUntilTransactionEnds(service.bean(JdbcClient.class), leaf);
                service.publish(either);
                await().until(() -> service.locks(leaf, false) == 1);
            });
            await().until(() -> service.hasTaken(either));
        }
        service.awaitPublished(TokensSold.class, sold -> sold.orderId().equals(order.id));
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

            List<CloudEvent> told = new ArrayList<>();
            List<CloudEvent> proven = new ArrayList<>();
            for (Plan plan : plans) {
                for (TokensReserved reserved : recorded(TokensReserved.class, plan)) {
                    OrderId order = reserved.orderId();
                    if (random.nextInt(4) == 0) {
                        told.add(signed(new OrderEnded(order, plan.planId, plan.vaultId, EndReason.BUYER), order));
                    } else {
                        SerialRange[] serials = reserved.serials().toArray(SerialRange[]::new);
                        proven.add(signed(
                                TokenFixtures.saleRecorded(plan.vaultId, order, reserved.buyer(), serials), order));
                        proven.add(signed(
                                TokenFixtures.casesReleased(
                                        plan.vaultId,
                                        order,
                                        SerialRange.tokens(plan.vaultId, reserved.serials())
                                                .map(token -> new ReleasedCase(token, boxOf(token), "A-01"))
                                                .toArray(ReleasedCase[]::new)),
                                order));
                    }
                }
            }
            told.addAll(proven);
            Collections.shuffle(proven, random);
            for (int from = 0; from < proven.size(); from += 4) {
                told.add(signed(
                        service.ledger()
                                .anchor(proven.subList(from, Math.min(from + 4, proven.size()))
                                        .toArray(CloudEvent[]::new)),
                        "ledger " + from));
            }
            Collections.shuffle(told, random);
            telling.accept(told);
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
                            "owned", count("""
                                    select count(*) from token where plan_id = ? and owner is not null""", plan.planId),
                            "sagas", count("""
                                    select count(*) from association_value_entry where association_value = ?""", plan.vaultId),
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
