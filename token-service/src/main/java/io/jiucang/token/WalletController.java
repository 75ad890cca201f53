package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.ACCOUNT_HAS_A_WALLET;
import static io.jiucang.token.TokenRejected.Reason.WALLET_KEY_OF_ANOTHER_WALLET;
import static io.jiucang.token.TokenRejected.Reason.WALLET_LABEL_INVALID;
import static io.jiucang.token.TokenRejected.Reason.WALLET_NOT_FOUND;

import io.jiucang.starter.wallet.Intents;
import io.jiucang.starter.wallet.KeyRing;
import io.jiucang.starter.wallet.WalletStatements;
import io.jiucang.starter.web.Page;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act.KeyEndorsement;
import io.jiucang.title.statement.Act.KeyRevocation;
import io.jiucang.title.statement.Act.WalletBirth;
import io.jiucang.token.WalletCommand.BearWallet;
import io.jiucang.token.WalletCommand.EndorseKey;
import io.jiucang.token.WalletCommand.RevokeKey;
import io.jiucang.token.WalletTokens.AccessToken;
import io.jiucang.token.WalletViews.DeviceKey;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The one place where an account meets its wallet. Owners bring their devices, whose signatures alone can dispose of what
 * they own; couriers those that prove delivery; and both get the access tokens by which other services know the wallet.
 */
@RestController
@RequestMapping("/api/v1/wallet")
@PreAuthorize("hasRole('ACCOUNT')")
class WalletController {

    private static final int LONGEST_LABEL = 100;

    private final CommandGateway commands;
    private final WalletViews wallets;
    private final WalletStatements statements;
    private final WalletTokens tokens;
    private final Intents intents;

    WalletController(
            CommandGateway commands,
            WalletViews wallets,
            WalletStatements statements,
            WalletTokens tokens,
            Intents intents) {
        this.commands = commands;
        this.wallets = wallets;
        this.statements = statements;
        this.tokens = tokens;
        this.intents = intents;
    }

    /**
     * A device that joins.
     *
     * @param statement the wallet's birth by this device's key, or its endorsement by one that stands
     * @param proof compact JWS (ES256) by the joining key over {@code {iss, act: "register-key", sub, jti, iat, exp}},
     *     {@code sub} the account: without it, whoever sees a birth could claim it, and a wallet take in keys of others
     * @param label what the owner calls the device
     */
    record NewDevice(String statement, String proof, String label) {}

    record Joined(String wallet, String kid) {}

    record Revocation(String statement) {}

    @PostMapping
    ResponseEntity<Joined> bear(@AuthenticationPrincipal Jwt account, @RequestBody NewDevice device) {
        KeyRing born = KeyRing.born(statements.readCurrent(device.statement(), WalletBirth.class));
        String wallet = born.wallet();
        if (wallets.lockedWalletOf(name(account)).isPresent()) {
            throw new TokenRejected(ACCOUNT_HAS_A_WALLET, "its devices can let further ones in");
        }
        if (holderOf(born.keys().getFirst().key(), device, account).isPresent()) {
            throw ofAnotherWallet();
        }
        wallets.assign(name(account), wallet);
        commands.sendAndWait(new BearWallet(wallet, device.statement()));
        return created(wallet, wallet);
    }

    @PostMapping("/keys")
    ResponseEntity<Joined> endorse(@AuthenticationPrincipal Jwt account, @RequestBody NewDevice device) {
        String wallet = walletOf(account);
        P256Key key = statements
                .readCurrent(device.statement(), KeyEndorsement.class)
                .act()
                .key();
        if (holderOf(key, device, account)
                .filter(holder -> !holder.equals(wallet))
                .isPresent()) {
            throw ofAnotherWallet();
        }
        commands.sendAndWait(new EndorseKey(wallet, device.statement()));
        return created(wallet, key.thumbprint());
    }

    @PostMapping("/revocations")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@AuthenticationPrincipal Jwt account, @RequestBody Revocation revocation) {
        statements.readCurrent(revocation.statement(), KeyRevocation.class);
        commands.sendAndWait(new RevokeKey(walletOf(account), revocation.statement()));
    }

    @GetMapping("/keys")
    Page<DeviceKey> list(
            @AuthenticationPrincipal Jwt account, @RequestParam(required = false) @Nullable String cursor) {
        return wallets.list(walletOf(account), cursor);
    }

    /**
     * Exchanges the account's access token for one of its wallet, in the words of RFC 8693 section 2.2.1. Read, not posted as
     * that RFC has it: nothing changes by it, its form would not be JSON, and what is answered to a POST is kept for those who
     * repeat it, as no token should be.
     */
    @GetMapping("/token")
    AccessToken token(@AuthenticationPrincipal Jwt account) {
        return tokens.issue(walletOf(account), account);
    }

    /** The wallet that has the key already, if one has; verifies that the key's holder asks, and keeps what they call it. */
    private Optional<String> holderOf(P256Key key, NewDevice device, Jwt account) {
        String label = device.label();
        if (label.isBlank() || label.length() > LONGEST_LABEL) {
            throw new TokenRejected(WALLET_LABEL_INVALID, "a label has 1 to " + LONGEST_LABEL + " characters");
        }
        intents.provePossession(device.proof(), name(account), key);
        Optional<String> holder = wallets.lockedHolderOf(key.thumbprint());
        wallets.call(key.thumbprint(), label);
        return holder;
    }

    private static TokenRejected ofAnotherWallet() {
        return new TokenRejected(WALLET_KEY_OF_ANOTHER_WALLET, "this device is in a wallet; make a new key");
    }

    private String walletOf(Jwt account) {
        return wallets.walletOf(name(account))
                .orElseThrow(() -> new TokenRejected(WALLET_NOT_FOUND, "POST /api/v1/wallet with its birth first"));
    }

    private static ResponseEntity<Joined> created(String wallet, String kid) {
        return ResponseEntity.created(URI.create("/api/v1/wallet/keys")).body(new Joined(wallet, kid));
    }

    private static String name(Jwt account) {
        return Objects.requireNonNull(account.getSubject(), "sub");
    }
}
