package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_INVALID;
import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_OF_ANOTHER_OWNER;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import io.jiucang.starter.wallet.Intents;
import io.jiucang.starter.web.Page;
import io.jiucang.token.WalletCommand.RegisterWalletKey;
import io.jiucang.token.WalletCommand.RevokeWalletKey;
import io.jiucang.token.WalletViews.DeviceKey;
import java.net.URI;
import java.security.Principal;
import java.text.ParseException;
import java.time.Clock;
import java.util.Map;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Owners bring their devices, whose signatures alone can dispose of what they own; couriers those that prove delivery. */
@RestController
@RequestMapping("/api/v1/wallet/keys")
@PreAuthorize("hasAnyRole('BUYER', 'COURIER')")
class WalletController {

    private static final int LONGEST_LABEL = 100;

    private final CommandGateway commands;
    private final WalletViews wallets;
    private final Intents intents;
    private final Clock clock;

    WalletController(CommandGateway commands, WalletViews wallets, Intents intents, Clock clock) {
        this.commands = commands;
        this.wallets = wallets;
        this.intents = intents;
        this.clock = clock;
    }

    /**
     * @param jwk the device's public P-256 key (RFC 7517)
     * @param label what the owner calls the device
     * @param proof compact JWS (ES256) by that key over {@code {iss, act: "register-key", sub, jti, iat, exp}}
     */
    record NewKey(Map<String, Object> jwk, String label, String proof) {}

    record Registered(String kid) {}

    @PostMapping
    ResponseEntity<Registered> register(@RequestBody NewKey key, Principal owner) {
        if (key.label.isBlank() || key.label.length() > LONGEST_LABEL) {
            throw new TokenRejected(WALLET_KEY_INVALID, "a label has 1 to " + LONGEST_LABEL + " characters");
        }
        ECKey device = publicKey(key.jwk);
        String kid = device.getKeyID();
        String jwk = device.toJSONString();
        intents.provePossession(key.proof, owner.getName(), kid, jwk);
        wallets.ownerOf(kid).filter(other -> !other.equals(owner.getName())).ifPresent(other -> {
            throw new TokenRejected(WALLET_KEY_OF_ANOTHER_OWNER, "this device is in another wallet; make a new key");
        });
        wallets.call(kid, key.label);
        commands.sendAndWait(new RegisterWalletKey(owner.getName(), kid, jwk, clock.instant()));
        return ResponseEntity.created(URI.create("/api/v1/wallet/keys/" + kid)).body(new Registered(kid));
    }

    @GetMapping
    Page<DeviceKey> list(@RequestParam(required = false) @Nullable String cursor, Principal owner) {
        return wallets.list(owner.getName(), cursor);
    }

    @DeleteMapping("/{kid}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable String kid, Principal owner) {
        commands.sendAndWait(new RevokeWalletKey(owner.getName(), kid, clock.instant()));
    }

    /** Only what makes the key, under its thumbprint; whatever else the sender says of it is left out. */
    private static ECKey publicKey(Map<String, Object> jwk) {
        try {
            ECKey key = ECKey.parse(jwk);
            if (key.isPrivate()) {
                throw new TokenRejected(
                        WALLET_KEY_INVALID, "the private key must never leave the device; make a new one");
            }
            if (!Curve.P_256.equals(key.getCurve())) {
                throw new TokenRejected(WALLET_KEY_INVALID, "not a key on P-256");
            }
            return new ECKey.Builder(Curve.P_256, key.getX(), key.getY())
                    .keyIDFromThumbprint()
                    .build();
        } catch (ParseException | JOSEException | IllegalArgumentException | IllegalStateException e) {
            throw new TokenRejected(WALLET_KEY_INVALID, "not a public key as JWK: " + e.getMessage());
        }
    }
}
