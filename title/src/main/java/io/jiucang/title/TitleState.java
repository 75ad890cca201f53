package io.jiucang.title;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.event.Cite;
import io.jiucang.title.event.Leaf;
import io.jiucang.title.statement.HoldId;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the ledger says up to an index, by the law: a fold of its opened leaves.
 *
 * <p>Mutable, so that a leaf costs what it touches and no more: a plan of a million cases is one entry, a token has none
 * before its sale. Only {@link Title#apply} changes it; deciding never does. Not for several threads.
 */
public final class TitleState {

    private final Pins pins;
    private final Directory directory;
    private final Cite directoryAt;
    private final Clock clock = new Clock();
    private long lastIndex;

    private final Set<Hash> leaves = new HashSet<>();
    private final Map<Hash, Cite> anchored = new HashMap<>();
    private final Map<Cite, Facts.Evidence> evidence = new HashMap<>();

    private final Map<String, Facts.Terminal> terminals = new HashMap<>();
    private final Map<String, Facts.Wallet> wallets = new HashMap<>();

    private final Map<Hash, PlanId> offers = new HashMap<>();
    private final Map<PlanId, Facts.Plan> plans = new HashMap<>();
    private final Map<VaultId, PlanId> vaults = new HashMap<>();
    private final Map<OrderId, Facts.Order> orders = new HashMap<>();
    private final Map<Hash, Facts.Sale> sales = new HashMap<>();
    private final Map<Facts.Source, Facts.Account> accounts = new HashMap<>();
    private final Map<HoldId, Facts.Hold> holds = new HashMap<>();
    private final Set<Facts.Begun> begun = new HashSet<>();
    private final Map<Facts.Sold, Facts.SaleEnd> saleEnds = new HashMap<>();
    private final Map<BoxCode, Facts.Box> boxes = new HashMap<>();
    private final Map<TokenId, TokenState> tokens = new HashMap<>();

    private final Map<Rule, Long> voids = new EnumMap<>(Rule.class);

    TitleState(Pins pins, Directory directory, Leaf first) {
        this.pins = pins;
        this.directory = directory;
        this.directoryAt = first.cite();
        this.lastIndex = first.index();
        leaves.add(first.hash());
    }

    public Directory directory() {
        return directory;
    }

    /** Where the directory version in force stands. */
    public Cite directoryAt() {
        return directoryAt;
    }

    /** Of the last leaf that was applied, void or not. */
    public long lastIndex() {
        return lastIndex;
    }

    public Optional<Facts.Tick> lastTick() {
        return clock.last();
    }

    /** Empty if the token is of no vault, or beyond its count. */
    public Optional<TokenState> token(TokenId token) {
        return planOf(token)
                .filter(plan -> token.serial() <= plan.offer().count())
                .map(plan -> tokens.getOrDefault(token, TokenState.Unsold.NEW));
    }

    /** Those that were ever sold; all others are unsold. */
    public Map<TokenId, TokenState> soldTokens() {
        return Collections.unmodifiableMap(tokens);
    }

    /** I1, for one plan; looks at each token that was ever sold. */
    public Facts.Counts counts(PlanId id) {
        Facts.Plan plan = plan(id);
        Map<Class<?>, Long> counts = tokens.entrySet().stream()
                .filter(entry -> entry.getKey().vault().equals(plan.vault()))
                .collect(Collectors.groupingBy(entry -> entry.getValue().getClass(), Collectors.counting()));
        long sold = counts.getOrDefault(TokenState.Sold.class, 0L);
        long owned = counts.getOrDefault(TokenState.Owned.class, 0L);
        long held = counts.getOrDefault(TokenState.Held.class, 0L);
        long lost = counts.getOrDefault(TokenState.Lost.class, 0L);
        long burned = counts.getOrDefault(TokenState.Burned.class, 0L);
        long unsold = plan.offer().count() - sold - owned - held - lost - burned;
        return new Facts.Counts(unsold, sold, owned, held, lost, burned);
    }

    public Map<PlanId, Facts.Plan> plans() {
        return Collections.unmodifiableMap(plans);
    }

    public Map<OrderId, Facts.Order> orders() {
        return Collections.unmodifiableMap(orders);
    }

    public Map<Facts.Source, Facts.Account> accounts() {
        return Collections.unmodifiableMap(accounts);
    }

    public Map<String, Facts.Wallet> wallets() {
        return Collections.unmodifiableMap(wallets);
    }

    /** By the thumbprint of its key. */
    public Optional<Facts.Terminal> terminal(String id) {
        return Optional.ofNullable(terminals.get(id));
    }

    public Map<HoldId, Facts.Hold> holds() {
        return Collections.unmodifiableMap(holds);
    }

    /** Every box code that was released and not freed, and whose it is. */
    public Map<BoxCode, Facts.Box> boxes() {
        return Collections.unmodifiableMap(boxes);
    }

    /** How many events were void, by the rule they broke; an event over several tokens counts for each it names in vain. */
    public Map<Rule, Long> voids() {
        return Collections.unmodifiableMap(voids);
    }

    Pins pins() {
        return pins;
    }

    Clock clock() {
        return clock;
    }

    boolean hasLeaf(Hash leaf) {
        return leaves.contains(leaf);
    }

    boolean isAnchored(Hash statement) {
        return anchored.containsKey(statement);
    }

    Optional<Facts.Evidence> evidence(Cite cite) {
        return Optional.ofNullable(evidence.get(cite));
    }

    Optional<Facts.Wallet> wallet(String id) {
        return Optional.ofNullable(wallets.get(id));
    }

    Optional<Facts.Plan> planOffered(Hash offer) {
        return Optional.ofNullable(offers.get(offer)).map(this::plan);
    }

    Optional<Facts.Plan> planOf(TokenId token) {
        return Optional.ofNullable(vaults.get(token.vault())).map(this::plan);
    }

    /** For one that must be there. */
    public Facts.Plan plan(PlanId id) {
        return known(plans, id);
    }

    public Optional<Facts.Order> findOrder(OrderId id) {
        return Optional.ofNullable(orders.get(id));
    }

    Facts.Order order(OrderId id) {
        return known(orders, id);
    }

    /** @param id leaf hash of its event */
    public Optional<Facts.Sale> findSale(Hash id) {
        return Optional.ofNullable(sales.get(id));
    }

    Facts.Sale sale(Hash id) {
        return known(sales, id);
    }

    Facts.Account account(Facts.Source source) {
        return known(accounts, source);
    }

    public Optional<Facts.Account> findAccount(Facts.Source source) {
        return Optional.ofNullable(accounts.get(source));
    }

    Optional<Facts.Hold> findHold(HoldId id) {
        return Optional.ofNullable(holds.get(id));
    }

    boolean hasBegun(Facts.Begun hold) {
        return begun.contains(hold);
    }

    Optional<Facts.SaleEnd> saleEnd(Facts.Sold sold) {
        return Optional.ofNullable(saleEnds.get(sold));
    }

    Optional<Facts.Box> box(BoxCode code) {
        return Optional.ofNullable(boxes.get(code));
    }

    boolean isBarred(BoxCode code) {
        return box(code).filter(Facts.Box::barred).isPresent();
    }

    /** The next leaf, and what became of it. */
    void evolve(Leaf leaf, Ruling ruling) {
        lastIndex = leaf.index();
        leaves.add(leaf.hash());
        switch (ruling) {
            case Ruling.Voided broken -> count(broken);
            case Ruling.Valid valid -> {
                valid.changes().forEach(this::evolve);
                valid.except().values().forEach(this::count);
            }
        }
    }

    private void count(Ruling.Voided broken) {
        voids.merge(broken.rule(), 1L, Long::sum);
    }

    private void evolve(Change change) {
        switch (change) {
            case Change.Ticked(var tick) -> clock.add(tick);
            case Change.Anchored(var statement, var by) -> anchored.put(statement, by);
            case Change.Stands(var at, var fact) -> evidence.put(at, fact);
            case Change.TerminalSet(var terminal) -> terminals.put(terminal.id(), terminal);
            case Change.WalletSet(var wallet) -> wallets.put(wallet.id(), wallet);
            case Change.PlanSet(var plan) -> {
                plans.put(plan.id(), plan);
                vaults.put(plan.vault(), plan.id());
                offers.put(plan.offerId(), plan.id());
            }
            case Change.OrderSet(var order) -> orders.put(order.id(), order);
            case Change.SaleSet(var sale) -> sales.put(sale.at().leaf(), sale);
            case Change.AccountSet(var account) -> accounts.put(account.source(), account);
            case Change.HoldSet(var hold) -> holds.put(hold.id(), hold);
            case Change.HoldBegun(var hold) -> begun.add(hold);
            case Change.SaleEnded(var sold, var end) -> saleEnds.put(sold, end);
            case Change.BoxSet(var code, var box) -> boxes.put(code, box);
            case Change.BoxFreed(var code) -> boxes.remove(code);
            case Change.TokenSet(var token, var state) -> tokens.put(token, state);
        }
    }

    private static <K, V> V known(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("evidence names what the state does not have: " + key);
        }
        return value;
    }
}
