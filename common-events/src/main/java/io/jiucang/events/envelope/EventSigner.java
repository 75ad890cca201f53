package io.jiucang.events.envelope;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.value.Require;
import java.util.List;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * Signs events by the CloudEvents extension "Verifiable CloudEvents with DSSE", with Ed25519 (RFC 8032).
 *
 * <p>The same event always gets the same bytes. Safe for use by several threads.
 */
public final class EventSigner {

    private final String keyId;
    private final Ed25519PrivateKeyParameters key;

    /**
     * @param seed the private key: 32 secret bytes (RFC 8032 section 5.1.5)
     * @param keyId what the key directory calls the key, unique for its source
     */
    public EventSigner(byte[] seed, String keyId) {
        if (seed.length != Ed25519.SECRET_KEY_SIZE) {
            throw new IllegalArgumentException("an Ed25519 seed has 32 bytes, not " + seed.length);
        }
        Require.text(keyId, "keyId");
        this.keyId = keyId;
        this.key = new Ed25519PrivateKeyParameters(seed);
    }

    public String keyId() {
        return keyId;
    }

    /** The 32 bytes that belong in the key directory. */
    public byte[] publicKey() {
        return key.generatePublicKey().getEncoded();
    }

    /**
     * The event with its {@code dssematerial}, which covers every context attribute, every extension attribute and the
     * data. A {@code dssematerial} it already has is replaced.
     */
    public CloudEvent sign(CloudEvent event) {
        List<String> extensions = event.getExtensionNames().stream()
                .filter(name -> !name.equals(VerificationMaterial.ATTRIBUTE))
                .sorted()
                .toList();
        byte[] payload = VerificationMaterial.of(event, extensions).toJson();
        byte[] message = Dsse.preAuthenticationEncoding(VerificationMaterial.PAYLOAD_TYPE, payload);
        Dsse envelope = new Dsse(
                VerificationMaterial.PAYLOAD_TYPE, payload, List.of(new Dsse.Signature(keyId, signature(message))));
        return new CloudEventBuilder(event)
                .withExtension(VerificationMaterial.ATTRIBUTE, envelope.toJson())
                .build();
    }

    byte[] signature(byte[] message) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        key.sign(Ed25519.Algorithm.Ed25519, null, message, 0, message.length, signature, 0);
        return signature;
    }
}
