package io.jiucang.anchoring;

import static io.jiucang.anchoring.LogFixtures.SEED;
import static io.jiucang.starter.test.TestPlatform.CARRIER;
import static io.jiucang.starter.test.TestPlatform.ORIGIN;
import static io.jiucang.starter.test.TestPlatform.SITES;
import static io.jiucang.starter.test.TestPlatform.WAREHOUSE;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.LedgerEvent;
import io.jiucang.events.LedgerEvent.TerminalEnrolled;
import io.jiucang.events.LedgerEvent.TerminalWithdrawn;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.ledger.Hash;
import io.jiucang.simulators.statement.Carrier;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import io.jiucang.simulators.statement.Warehouse;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.RunningService.Answer;
import io.jiucang.title.Rule;
import io.jiucang.title.Ruling;
import io.jiucang.title.Title;
import io.jiucang.title.TitleState;
import io.jiucang.title.event.Opening;
import io.jiucang.title.event.Opening.Open;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** K5 at the ledger's door, and the same as the law has it for everyone else. */
@RealInfrastructure
class TerminalsIT {

    @RegisterExtension
    static final RunningService service = new RunningService(
            LedgerServiceApplication.class,
            "ledger",
            Map.of("jiucang.ledger.key-file", LogFixtures.keyFile(SEED).toString()));

    private static final String STAGING = "staging.jiucang.example/ledger";
    private static final String SITE = SITES.getFirst();

    private final Warehouse warehouse = service.platform().warehouse();
    private final Carrier carrier = service.platform().carrier();
    private final SigningKey dock = SigningKey.create();
    private final SigningKey phone = SigningKey.create();

    @Test
    void aTerminalJoinsAndLeavesByItsPartysWordWhoeverBringsIt() {
        String dockJoins = warehouse.dockEnrolment(dock.publicKey(), SITE);
        String phoneJoins = carrier.courierEnrolment(phone.publicKey());
        String phoneLeaves = carrier.terminalWithdrawal(phone.thumbprint());

        Answer joined = bring(dockJoins, "scanner");
        bring(phoneJoins, "li");
        Answer left = bring(phoneLeaves, "auditor");

        TerminalEnrolled enrolled = service.awaitPublished(
                TerminalEnrolled.class, event -> event.terminal().equals(dock.thumbprint()));
        assertThat(enrolled.statement()).isEqualTo(dockJoins);
        TerminalWithdrawn withdrawn = service.awaitPublished(
                TerminalWithdrawn.class, event -> event.terminal().equals(phone.thumbprint()));
        assertThat(withdrawn.statement()).isEqualTo(phoneLeaves);
        assertThat(joined.json().path("terminal").asString()).isEqualTo(dock.thumbprint());
        OwnLeaves.replay(service);
        assertStands(joined, enrolled);
        assertStands(left, withdrawn);
    }

    private static void assertStands(Answer answer, LedgerEvent event) {
        var standing = Objects.requireNonNull(
                OwnLeaves.of(service).get(answer.json().path("index").asLong()));
        assertThat(standing.domainEvent()).isEqualTo(event);
        assertThat(Hash.of(standing.leafHash()).hex())
                .isEqualTo(answer.json().path("leafHash").asString());
    }

    @Test
    void onlyWhoIsSignedInBringsIt() {
        String enrolment = warehouse.dockEnrolment(dock.publicKey(), SITE);
        assertThat(post(enrolment, null).reason()).isEqualTo("UNAUTHENTICATED");
        assertThat(service.post("/api/v1/statements", Map.of("statement", enrolment, "site", SITE), "li")
                        .reason())
                .isEqualTo("MALFORMED_BODY");
        assertThat(service.post("/api/v1/statements", Map.of(), "li").reason()).isEqualTo("MALFORMED_BODY");
    }

    record Refused(String reason, int status, String because, String statement) {
        @Override
        public String toString() {
            return reason + " " + because;
        }
    }

    static Stream<Refused> refused() {
        var platform = service.platform();
        Map<String, String> key = SigningKey.create().publicKey();
        SigningKey stranger = SigningKey.create();
        String enrolment = platform.warehouse().dockEnrolment(key, SITE);
        String dots = enrolment.substring(enrolment.lastIndexOf('.'));
        return Stream.of(
                new Refused("STATEMENT_MALFORMED", 400, "padded", enrolment + "="),
                new Refused("STATEMENT_MALFORMED", 400, "no JWS", "x"),
                new Refused(
                        "STATEMENT_MALFORMED",
                        400,
                        "one claim more",
                        platform.warehouse()
                                .speaker()
                                .say("dock-enrolment", Map.of("key", key, "site", SITE, "note", "x"))),
                new Refused(
                        "STATEMENT_NOT_FOR_THIS",
                        403,
                        "another ledger's",
                        as(STAGING, WAREHOUSE, platform.partyKey(WAREHOUSE)).dockEnrolment(key, SITE)),
                new Refused(
                        "STATEMENT_NOT_FOR_THIS",
                        403,
                        "another act",
                        platform.warehouse().lost(List.of("019aa0c0-0000-7000-8000-000000000002.1"))),
                new Refused(
                        "STATEMENT_SIGNATURE_INVALID",
                        403,
                        "another signature",
                        platform.warehouse().dockEnrolment(key, SITE).replaceFirst("\\.[^.]*$", dots)),
                new Refused(
                        "PARTY_KEY_NOT_LISTED",
                        403,
                        "unknown party",
                        as(ORIGIN, "stranger", stranger).dockEnrolment(key, SITE)),
                new Refused(
                        "PARTY_KEY_NOT_LISTED",
                        403,
                        "a stranger's key",
                        as(ORIGIN, WAREHOUSE, stranger).dockEnrolment(key, SITE)),
                new Refused(
                        "PARTY_KEY_NOT_LISTED",
                        403,
                        "another party's key",
                        as(ORIGIN, WAREHOUSE, platform.partyKey(CARRIER)).dockEnrolment(key, SITE)),
                new Refused(
                        "PARTY_KEY_NOT_LISTED",
                        403,
                        "ended key",
                        as(ORIGIN, WAREHOUSE, platform.endedPartyKey(WAREHOUSE)).dockEnrolment(key, SITE)),
                new Refused(
                        "TERMINAL_REFUSED",
                        422,
                        "a carrier's dock",
                        new Warehouse(platform.carrier().speaker()).dockEnrolment(key, SITE)),
                new Refused(
                        "TERMINAL_REFUSED",
                        422,
                        "a warehouse's courier",
                        new Carrier(platform.warehouse().speaker()).courierEnrolment(key)),
                new Refused(
                        "TERMINAL_REFUSED",
                        422,
                        "another's site",
                        platform.warehouse().dockEnrolment(key, "moutai-1")),
                new Refused(
                        "TERMINAL_REFUSED",
                        422,
                        "never enrolled",
                        platform.warehouse().terminalWithdrawal(stranger.thumbprint())));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void takesNothingElse(Refused refused) {
        Answer answer = post(refused.statement(), "scanner");
        assertThat(answer.reason()).isEqualTo(refused.reason());
        assertThat(answer.status()).isEqualTo(refused.status());
    }

    @Test
    void takesEachStatementOnceAndEachTerminalOnce() {
        String joins = warehouse.dockEnrolment(dock.publicKey(), SITE);
        String leaves = warehouse.terminalWithdrawal(dock.thumbprint());
        bring(joins, "scanner");
        assertRefused("STATEMENT_USED", 409, joins);
        assertRefused("TERMINAL_REFUSED", 422, warehouse.dockEnrolment(dock.publicKey(), SITES.getLast()));
        assertRefused("TERMINAL_REFUSED", 422, carrier.courierEnrolment(dock.publicKey()));
        // Not its own: a carrier's word, and a winery's.
        assertRefused("TERMINAL_REFUSED", 422, carrier.terminalWithdrawal(dock.thumbprint()));
        assertRefused(
                "TERMINAL_REFUSED",
                422,
                new Warehouse(service.platform().winery().speaker()).terminalWithdrawal(dock.thumbprint()));

        bring(leaves, "scanner");
        assertRefused("STATEMENT_USED", 409, leaves);
        assertRefused("STATEMENT_USED", 409, joins);
        assertRefused("TERMINAL_REFUSED", 422, warehouse.terminalWithdrawal(dock.thumbprint()));
        assertRefused("TERMINAL_REFUSED", 422, warehouse.dockEnrolment(dock.publicKey(), SITE));
        OwnLeaves.replay(service);
    }

    @Test
    void ofThirtyAtOnceOneJoins() throws Exception {
        List<Callable<Answer>> all = Stream.generate(() -> warehouse.dockEnrolment(dock.publicKey(), SITE))
                .limit(30)
                .map(statement -> (Callable<Answer>) () -> post(statement, "scanner"))
                .toList();
        try (ExecutorService together = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Answer> answers =
                    together.invokeAll(all).stream().map(Future::resultNow).toList();
            assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
            assertThat(answers)
                    .filteredOn(answer -> answer.status() != 201)
                    .extracting(Answer::reason)
                    .containsOnly("TERMINAL_REFUSED");
        }
        OwnLeaves.replay(service);
        assertThat(service.published(TerminalEnrolled.class))
                .filteredOn(event -> event.terminal().equals(dock.thumbprint()))
                .hasSize(1);
    }

    /** Whoever writes the database makes no terminal: what bears no seal is not believed, and nothing is told upon it. */
    @Test
    void aForgedRowMakesNoTerminal() {
        bring(warehouse.dockEnrolment(dock.publicKey(), SITE), "scanner");
        JdbcClient jdbc = service.bean(JdbcClient.class);
        jdbc.sql("""
                        insert into domain_event_entry (aggregate_identifier, sequence_number, type, event_identifier, told,
                            time_stamp, payload_type, meta_data, payload, envelope, seal)
                        select :other, 0, type, :other, told, time_stamp, payload_type, meta_data, payload, envelope, seal
                        from domain_event_entry where aggregate_identifier = :terminal""")
                .param("other", phone.thumbprint())
                .param("terminal", dock.thumbprint())
                .update();
        try {
            assertThat(post(warehouse.terminalWithdrawal(phone.thumbprint()), "scanner")
                            .status())
                    .isEqualTo(500);
        } finally {
            jdbc.sql("delete from domain_event_entry where aggregate_identifier = ?")
                    .param(phone.thumbprint())
                    .update();
        }
        assertRefused("TERMINAL_REFUSED", 422, warehouse.terminalWithdrawal(phone.thumbprint()));
    }

    /** Not even the ledger's own key does: everyone judges the statement for themselves. */
    @Test
    void whatTheLedgerTellsOnAnotherWordIsVoid() {
        String joins = warehouse.dockEnrolment(dock.publicKey(), SITE);
        bring(joins, "scanner");
        TitleState state = OwnLeaves.replay(service);
        Map<String, String> key = phone.publicKey();

        assertVoid(
                state,
                Rule.PARTY_KEY,
                enrolled(as(ORIGIN, WAREHOUSE, SigningKey.create()).dockEnrolment(key, SITE)));
        assertVoid(
                state,
                Rule.PARTY_KEY,
                enrolled(as(ORIGIN, WAREHOUSE, service.platform().endedPartyKey(WAREHOUSE))
                        .dockEnrolment(key, SITE)));
        assertVoid(state, Rule.TERMINAL, enrolled(new Warehouse(carrier.speaker()).dockEnrolment(key, SITE)));
        assertVoid(state, Rule.TERMINAL, enrolled(warehouse.dockEnrolment(key, "moutai-1")));
        assertVoid(state, Rule.TERMINAL, enrolled(warehouse.dockEnrolment(dock.publicKey(), SITE)));
        assertVoid(state, Rule.TERMINAL, withdrawn(carrier.terminalWithdrawal(dock.thumbprint())));
        assertVoid(state, Rule.ONE_EFFECT, enrolled(joins));
        assertVoid(state, Rule.STATEMENT, enrolled(joins + "="));
        assertVoid(state, Rule.STATEMENT, enrolled("eyJhbGciOiJub25lIn0.e30."));
        assertVoid(
                state,
                Rule.STATEMENT,
                enrolled(as(STAGING, WAREHOUSE, service.platform().partyKey(WAREHOUSE))
                        .dockEnrolment(key, SITE)));
    }

    private TerminalEnrolled enrolled(String statement) {
        return new TerminalEnrolled(phone.thumbprint(), statement);
    }

    private TerminalWithdrawn withdrawn(String statement) {
        return new TerminalWithdrawn(dock.thumbprint(), statement);
    }

    private static void assertVoid(TitleState state, Rule rule, LedgerEvent forged) {
        var told = new EventVerifier(service.platform().eventKeys())
                .verify(service.platform().signed(forged, "terminal"));
        var opened = (Open) Opening.open(state.lastIndex() + 1, told, none -> Optional.empty());
        assertThat(Title.apply(state, opened.leaf()))
                .isInstanceOfSatisfying(
                        Ruling.Voided.class, voided -> assertThat(voided.rule()).isEqualTo(rule));
    }

    /** Whoever speaks so, right or wrong. */
    private static Warehouse as(String origin, String party, SigningKey key) {
        return new Warehouse(Speaker.party(origin, party, key, Clock.systemUTC()));
    }

    private static Answer bring(String statement, String account) {
        Answer answer = post(statement, account);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
        return answer;
    }

    private static void assertRefused(String reason, int status, String statement) {
        Answer answer = post(statement, "scanner");
        assertThat(answer.reason()).isEqualTo(reason);
        assertThat(answer.status()).isEqualTo(status);
    }

    private static Answer post(String statement, @Nullable String account) {
        return service.post("/api/v1/statements", Map.of("statement", statement), account);
    }
}
