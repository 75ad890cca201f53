package io.jiucang.title.statement;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.jiucang.events.value.Base64Url;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever bytes come, they are refused, or they are a statement in its one form. */
class StatementsFuzzTest {

    @FuzzTest
    void anything(byte[] data) {
        readOrRefused(new String(data, ISO_8859_1));
    }

    /** Of the parts' bytes: what decodes must be canonical all the same. */
    @FuzzTest
    void payload(byte[] data) {
        String[] parts = Samples.jws(ActType.PICKUP).split("\\.", -1);
        readOrRefused(parts[0] + "." + Base64Url.encode(data) + "." + parts[2]);
    }

    @Property(tries = 2_000)
    void noCharacterCanBeAnother(@ForAll ActType type, @ForAll Random random) {
        String jws = Samples.jws(type);
        StringBuilder mutated = new StringBuilder(jws);
        for (int i = 0; i <= random.nextInt(3); i++) {
            mutate(mutated, random);
        }
        sameOrRefused(jws, mutated.toString(), type);
    }

    @Property(tries = 2_000)
    void noByteOfTheClaimsCanBeAnother(@ForAll ActType type, @ForAll Random random) {
        String[] parts = Samples.jws(type).split("\\.", -1);
        byte[] payload = Base64Url.decode(parts[1]);
        payload[random.nextInt(payload.length)] = (byte) random.nextInt(256);
        String mutated = parts[0] + "." + Base64Url.encode(payload) + "." + parts[2];
        sameOrRefused(Samples.jws(type), mutated, type);
    }

    private static void mutate(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
            case 0 -> text.setCharAt(at, (char) random.nextInt(256));
            case 1 -> text.insert(at, (char) random.nextInt(128));
            default -> text.deleteCharAt(at);
        }
    }

    /** Another text that reads as a statement is another statement, with another id, and is signed by nobody. */
    private static void sameOrRefused(String jws, String mutated, ActType type) {
        Statement<?> original = Statements.read(jws);
        Statement<?> read;
        try {
            read = Statements.read(mutated);
        } catch (StatementRefused e) {
            return;
        }
        boolean signed = read.isSignedBy(Samples.speaker(type).key());
        assertThat(signed).isEqualTo(mutated.equals(jws));
        boolean sameInput =
                mutated.substring(0, mutated.lastIndexOf('.')).equals(jws.substring(0, jws.lastIndexOf('.')));
        assertThat(read.id().equals(original.id())).isEqualTo(sameInput);
    }

    private static void readOrRefused(String text) {
        Statement<?> read;
        try {
            read = Statements.read(text);
        } catch (StatementRefused e) {
            return;
        }
        String signingInput = Statements.signingInput(read.kid(), read.spoken(), read.act());
        assertThat(text).startsWith(signingInput + ".");
    }
}
