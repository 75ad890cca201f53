package io.jiucang.events.envelope;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
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
     * Signs under the key's own name, its thumbprint.
     *
     * @param seed the private key: 32 secret bytes (RFC 8032 section 5.1.5)
     */
    public EventSigner(byte[] seed) {
        this.key = key(seed);
        this.keyId = publicKey().thumbprint();
    }

    private EventSigner(String keyId, Ed25519PrivateKeyParameters key) {
        this.keyId = keyId;
        this.key = key;
    }

    /** Signs under a name that may be another key's: what an impostor does, to see it refused. */
    public static EventSigner claiming(String keyId, byte[] seed) {
        return new EventSigner(keyId, key(seed));
    }

    private static Ed25519PrivateKeyParameters key(byte[] seed) {
        if (seed.length != Ed25519.SECRET_KEY_SIZE) {
            throw new IllegalArgumentException("an Ed25519 seed has 32 bytes, not " + seed.length);
        }
        return new Ed25519PrivateKeyParameters(seed);
    }

    public String keyId() {
        return keyId;
    }

    /** What belongs in the directory. */
    public Ed25519Key publicKey() {
        return Ed25519Key.of(key.generatePublicKey().getEncoded());
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
        Dsse.Signature signature = sign(VerificationMaterial.PAYLOAD_TYPE, payload);
        Dsse envelope = new Dsse(VerificationMaterial.PAYLOAD_TYPE, payload, List.of(signature));
        return new CloudEventBuilder(event)
                .withExtension(VerificationMaterial.ATTRIBUTE, envelope.toJson())
                .build();
    }

    /** One signature for a DSSE envelope over any payload. */
    public Dsse.Signature sign(String payloadType, byte[] payload) {
        return new Dsse.Signature(keyId, signature(Dsse.preAuthenticationEncoding(payloadType, payload)));
    }

    private byte[] signature(byte[] message) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        key.sign(Ed25519.Algorithm.Ed25519, null, message, 0, message.length, signature, 0);
        return signature;
    }
}
