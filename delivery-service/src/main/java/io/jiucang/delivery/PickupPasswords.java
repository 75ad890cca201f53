package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.PASSWORD_LOCKED;
import static io.jiucang.delivery.DeliveryRejected.Reason.PASSWORD_NOT_SET;
import static io.jiucang.delivery.DeliveryRejected.Reason.PASSWORD_TOO_WEAK;
import static io.jiucang.delivery.DeliveryRejected.Reason.PASSWORD_WRONG;
import static io.jiucang.delivery.DeliveryRejected.require;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.text.Normalizer;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The pickup passwords 提货密码: Argon2id (RFC 9106) with the parameters OWASP recommends, a salt for each owner, and a
 * pepper that is not in the database.
 *
 * <p>Needs a transaction, which must commit even if the password is wrong, or else the try would not count. An owner's row
 * is locked meanwhile: guesses side by side are guesses one after another.
 */
@Component
class PickupPasswords {

    private static final Cost COST = new Cost(19 * 1024, 2, 1);
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int SHORTEST = 8;
    private static final int LONGEST = 128;
    private static final int FEWEST_DIFFERENT = 5;

    private final JdbcClient jdbc;
    private final DeliverySettings.Limits limits;
    private final Clock clock;
    private final byte[] pepper;
    private final SecureRandom random = new SecureRandom();

    PickupPasswords(JdbcClient jdbc, DeliverySettings settings, DeliverySecret secret, Clock clock) {
        this.jdbc = jdbc;
        this.limits = settings.limits();
        this.clock = clock;
        this.pepper = secret.derive("pickup password", new byte[0]);
    }

    /** @param memory in KiB */
    private record Cost(int memory, int iterations, int parallelism) {}

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Stored(
            byte[] salt,
            byte[] hash,
            Cost cost,
            int wrongTries,
            @Nullable Instant lockedUntil) {}

    boolean isSet(String owner) {
        return jdbc.sql("select exists (select from pickup_password where owner = ?)")
                .param(owner)
                .query(Boolean.class)
                .single();
    }

    /** @throws DeliveryRejected unless this is the owner's password, and not locked; a wrong one has been counted then */
    void verify(String owner, Secret password) {
        Stored stored = lock(owner);
        Instant now = clock.instant();
        if (stored.lockedUntil != null && now.isBefore(stored.lockedUntil)) {
            throw locked(stored.lockedUntil);
        }
        if (MessageDigest.isEqual(hash(password, stored.salt, stored.cost), stored.hash)) {
            if (stored.cost.equals(COST)) {
                forgive(owner);
            } else {
                store(owner, password);
            }
            return;
        }
        int wrongTries = (stored.lockedUntil == null ? stored.wrongTries : 0) + 1;
        Instant lockedUntil = wrongTries < limits.passwordTries() ? null : now.plus(limits.passwordLock());
        count(owner, wrongTries, lockedUntil);
        if (lockedUntil != null) {
            throw locked(lockedUntil);
        }
        throw new DeliveryRejected(PASSWORD_WRONG, (limits.passwordTries() - wrongTries) + " tries left");
    }

    /** Replaces whatever there was, its lock included; who may do so is the caller's to know. */
    void set(String owner, Secret password) {
        requireStrong(owner, password);
        store(owner, password);
    }

    /** Long and varied enough that, with five tries, guessing is hopeless; more rules would only make people write it down. */
    static void requireStrong(String owner, Secret password) {
        String normal = normal(password);
        int length = normal.codePointCount(0, normal.length());
        require(
                length >= SHORTEST && length <= LONGEST,
                PASSWORD_TOO_WEAK,
                SHORTEST + " to " + LONGEST + " characters");
        require(
                normal.codePoints().distinct().count() >= FEWEST_DIFFERENT,
                PASSWORD_TOO_WEAK,
                "at least " + FEWEST_DIFFERENT + " different characters");
        require(!isRow(normal.codePoints().toArray()), PASSWORD_TOO_WEAK, "no row of characters, such as 12345678");
        require(
                owner.length() < FEWEST_DIFFERENT
                        || !normal.toLowerCase(Locale.ROOT).contains(owner.toLowerCase(Locale.ROOT)),
                PASSWORD_TOO_WEAK,
                "not your own name");
    }

    private static boolean isRow(int[] characters) {
        return IntStream.of(1, -1)
                .anyMatch(step ->
                        IntStream.range(1, characters.length).allMatch(i -> characters[i] - characters[i - 1] == step));
    }

    private Stored lock(String owner) {
        return jdbc.sql("select * from pickup_password where owner = ? for update")
                .param(owner)
                .query((row, number) -> {
                    Timestamp lockedUntil = row.getTimestamp("locked_until");
                    return new Stored(
                            row.getBytes("salt"),
                            row.getBytes("hash"),
                            new Cost(row.getInt("memory"), row.getInt("iterations"), row.getInt("parallelism")),
                            row.getInt("wrong_tries"),
                            lockedUntil == null ? null : lockedUntil.toInstant());
                })
                .optional()
                .orElseThrow(() -> new DeliveryRejected(PASSWORD_NOT_SET, "set your pickup password first"));
    }

    private void store(String owner, Secret password) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        jdbc.sql("""
                        insert into pickup_password
                            (owner, salt, hash, memory, iterations, parallelism, wrong_tries, locked_until, changed_at)
                        values (?, ?, ?, ?, ?, ?, 0, null, ?)
                        on conflict (owner) do update set
                            salt = excluded.salt, hash = excluded.hash, memory = excluded.memory,
                            iterations = excluded.iterations, parallelism = excluded.parallelism,
                            wrong_tries = 0, locked_until = null, changed_at = excluded.changed_at""")
                .param(owner)
                .param(salt)
                .param(hash(password, salt, COST))
                .param(COST.memory)
                .param(COST.iterations)
                .param(COST.parallelism)
                .param(Timestamp.from(clock.instant()))
                .update();
    }

    private void forgive(String owner) {
        count(owner, 0, null);
    }

    private void count(String owner, int wrongTries, @Nullable Instant lockedUntil) {
        jdbc.sql("update pickup_password set wrong_tries = ?, locked_until = ? where owner = ?")
                .param(wrongTries)
                .param(lockedUntil == null ? null : Timestamp.from(lockedUntil))
                .param(owner)
                .update();
    }

    private byte[] hash(Secret password, byte[] salt, Cost cost) {
        Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
        argon2.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(cost.memory)
                .withIterations(cost.iterations)
                .withParallelism(cost.parallelism)
                .withSalt(salt)
                .withSecret(pepper)
                .build());
        byte[] hash = new byte[HASH_BYTES];
        argon2.generateBytes(normal(password).getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }

    /** One password, however a keyboard composes its characters. */
    private static String normal(Secret password) {
        return Objects.requireNonNull(Normalizer.normalize(password.value(), Normalizer.Form.NFKC));
    }

    private static DeliveryRejected locked(Instant until) {
        return new DeliveryRejected(PASSWORD_LOCKED, "locked until " + until);
    }
}
