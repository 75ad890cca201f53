package io.jiucang.simulators.statement;

import com.nimbusds.jose.util.Base64URL;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Who speaks in one installation: a party, a terminal or a wallet, with one of its keys. */
public final class Speaker {

    /** Of a wallet's statement, until it must be anchored. */
    private static final Duration LIFE = Duration.ofMinutes(5);

    private static final int JTI_BYTES = 16;

    private final String origin;
    private final String sub;
    private final SigningKey key;
    private final Optional<Duration> life;
    private final Clock clock;
    private final RandomGenerator random;

    Speaker(String origin, String sub, SigningKey key, Optional<Duration> life, Clock clock, RandomGenerator random) {
        this.origin = origin;
        this.sub = sub;
        this.key = key;
        this.life = life;
        this.clock = clock;
        this.random = random;
    }

    /**
     * @param origin the ledger's; what is said to one installation counts in no other
     * @param party its id in the directory
     */
    public static Speaker party(String origin, String party, SigningKey key, Clock clock) {
        return new Speaker(origin, party, key, Optional.empty(), clock, new SecureRandom());
    }

    /** A terminal has one key, and is known by it. */
    public static Speaker terminal(String origin, SigningKey key, Clock clock) {
        return party(origin, key.thumbprint(), key, clock);
    }

    /** @param wallet the thumbprint of its first key, which need not be this one */
    public static Speaker wallet(String origin, String wallet, SigningKey key, Clock clock) {
        return new Speaker(origin, wallet, key, Optional.of(LIFE), clock, new SecureRandom());
    }

    /** The party's id, or the thumbprint that the terminal or wallet is known by. */
    public String sub() {
        return sub;
    }

    public SigningKey key() {
        return key;
    }

    /**
     * A statement, made now.
     *
     * @param act its name in the middle of {@code jiucang-…-v1}
     * @param claims the act's own; those of every statement are added
     */
    public String say(String act, Map<String, ?> claims) {
        byte[] jti = new byte[JTI_BYTES];
        random.nextBytes(jti);
        long iat = clock.instant().getEpochSecond();
        Map<String, Object> all = new TreeMap<>(claims);
        all.put("iss", origin);
        all.put("sub", sub);
        all.put("jti", Base64URL.encode(jti).toString());
        all.put("iat", iat);
        life.ifPresent(each -> all.put("exp", iat + each.toSeconds()));
        return key.sign("jiucang-" + act + "-v1", all);
    }

    /** An amount, as claims have it. */
    public static Map<String, ?> cny(long fen) {
        return Map.of("currency", "CNY", "minorUnits", fen);
    }
}
