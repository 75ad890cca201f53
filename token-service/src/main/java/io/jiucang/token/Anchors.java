package io.jiucang.token;

import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.EventTypes;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.PaymentEvent.SaleRecorded;
import io.jiucang.events.Topics;
import io.jiucang.events.WarehouseEvent.CasesReleased;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.ledger.SignedNote;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.starter.ServiceSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.axonframework.config.Configuration;
import org.axonframework.eventhandling.EventHandler;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.Segment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Keeps what the ledger tells of the events that matter here, and wakes the sagas that wait for it.
 *
 * <p>The ledger is believed for its checkpoint's signature and the proof that leads to it, never for having said so. An
 * anchor that does not hold is counted and left aside; nothing waits behind it, and a later one may set it right.
 */
@Component
class Anchors implements Ledger {

    private static final Logger log = LoggerFactory.getLogger(Anchors.class);
    /** Who waits for what. */
    private static final Map<String, Class<?>> SAGAS =
            Map.of(EventTypes.typeOf(DeliveryCompleted.class), BurnSaga.class);

    /** Of others, besides: what stands in a token's life. */
    private static final Set<String> SHOWN = Stream.of(SaleRecorded.class, CasesReleased.class, PickupAuthorised.class)
            .map(EventTypes::typeOf)
            .collect(Collectors.toUnmodifiableSet());

    private static final String OURS = Topics.sourceOf("token").toString();

    private final String origin;
    private final VerifierKey key;
    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final MeterRegistry meters;
    private final ObjectProvider<Configuration> axon;

    Anchors(
            ServiceSettings service,
            VerifierKey ledgerKey,
            JdbcClient jdbc,
            JdbcTemplate batches,
            MeterRegistry meters,
            ObjectProvider<Configuration> axon) {
        this.origin = service.pins().origin();
        this.key = ledgerKey;
        this.jdbc = jdbc;
        this.batches = batches;
        this.meters = meters;
        this.axon = axon;
    }

    @EventHandler
    void on(EventsAnchored event) throws Exception {
        Checkpoint checkpoint;
        List<Object[]> rows = new ArrayList<>();
        List<Anchor> relevant =
                event.anchors().stream().filter(Anchors::concernsUs).toList();
        try {
            checkpoint = Checkpoint.open(SignedNote.parse(event.checkpoint()), origin, List.of(key));
            for (Anchor anchor : relevant) {
                rows.add(new Object[] {
                    anchor.leafHash(),
                    anchor.index(),
                    checkpoint.size(),
                    checkpoint.root().bytes(),
                    String.join(" ", anchor.proof())
                });
            }
        } catch (LedgerException e) {
            refused("a checkpoint of tree size " + event.treeSize(), e);
            return;
        }
        batches.batchUpdate("""
                insert into anchor (leaf_hash, leaf_index, tree_size, root, proof) values (?, ?, ?, ?, ?)
                on conflict (leaf_hash, tree_size)
                    do update set leaf_index = excluded.leaf_index, root = excluded.root, proof = excluded.proof""", rows);
        for (Anchor anchor : relevant) {
            Class<?> saga = SAGAS.get(anchor.type());
            if (saga != null) {
                wake(saga, anchor.leafHash());
            }
        }
    }

    /** What an event locks that an anchor may be of. */
    static Stream<String> lockOfLeaf(VerifiedEvent event) {
        return Stream.of(lockOf(Leaf.of(event).hash()));
    }

    /** The same for an anchor; few names, for a batch of anchors is long. */
    static String lockOf(String leafHash) {
        return "leaf " + leafHash.substring(0, 2);
    }

    static Stream<String> locksOf(VerifiedEvent anchored) {
        return awaited((EventsAnchored) anchored.domainEvent()).map(Anchors::lockOf);
    }

    private static Stream<String> awaited(EventsAnchored event) {
        return event.anchors().stream()
                .filter(anchor -> SAGAS.containsKey(anchor.type()))
                .map(Anchor::leafHash);
    }

    /** Ids of the vaults whose sagas these anchors will wake. */
    Stream<String> vaultsThatWaitFor(EventsAnchored event) {
        return jdbc
                .sql("""
                        select distinct vault.association_value
                        from association_value_entry leaf
                            join association_value_entry vault using (saga_id, saga_type)
                        where leaf.saga_type = any(:sagas)
                            and leaf.association_key = :leafKey and leaf.association_value = any(:leaves)
                            and vault.association_key = :vaultKey""")
                .param(
                        "sagas",
                        SAGAS.values().stream().map(Class::getName).distinct().toArray(String[]::new))
                .param("leafKey", AnchorWait.LEAF)
                .param("leaves", awaited(event).toArray(String[]::new))
                .param("vaultKey", AnchorWait.VAULT)
                .query((row, number) -> row.getString(1))
                .list()
                .stream();
    }

    private static boolean concernsUs(Anchor anchor) {
        return SAGAS.containsKey(anchor.type()) || SHOWN.contains(anchor.type()) || OURS.equals(anchor.source());
    }

    /** Not through the event bus: this is nothing that happened in our domain, and nothing to be stored. */
    private void wake(Class<?> saga, String leafHash) throws Exception {
        axon.getObject()
                .eventProcessingConfiguration()
                .sagaConfiguration(saga)
                .manager()
                .handle(GenericEventMessage.asEventMessage(new EventAnchored(leafHash)), Segment.ROOT_SEGMENT);
    }

    @Override
    public Optional<LedgerReference> find(Leaf leaf) {
        return jdbc
                .sql("select leaf_index, tree_size, root, proof from anchor where leaf_hash = ? order by tree_size")
                .param(leaf.hash())
                .query((row, number) ->
                        new Claim(row.getLong(1), row.getLong(2), Hash.of(row.getBytes(3)), row.getString(4)))
                .list()
                .stream()
                .map(claim -> prove(leaf, claim))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<LedgerReference> prove(Leaf leaf, Claim claim) {
        try {
            List<Hash> proof = claim.proof.isEmpty()
                    ? List.of()
                    : Arrays.stream(claim.proof.split(" ", -1))
                            .map(Hash::ofBase64)
                            .toList();
            MerkleTree.verifyInclusion(leaf.leafHash(), claim.index, claim.treeSize, proof, claim.root);
            return Optional.of(new LedgerReference(leaf.eventId(), claim.index, claim.treeSize));
        } catch (LedgerException e) {
            refused("the inclusion of event " + leaf.eventId(), e);
            return Optional.empty();
        }
    }

    private void refused(String what, LedgerException why) {
        meters.counter("jiucang.anchors.refused", "reason", why.reason().name()).increment();
        log.error("the ledger did not prove {}: {} ({})", what, why.reason(), why.getMessage());
    }

    /** What the ledger claims, under a root it signed. */
    private record Claim(long index, long treeSize, Hash root, String proof) {}
}
