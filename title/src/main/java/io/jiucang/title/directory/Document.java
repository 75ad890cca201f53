package io.jiucang.title.directory;

import static io.jiucang.title.form.Form.ACCOUNT;
import static io.jiucang.title.form.Form.NAME;
import static io.jiucang.title.form.Form.ORIGIN;
import static io.jiucang.title.form.Form.PARTY;

import io.jiucang.events.envelope.Ed25519Key;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.receipt.ProviderKey;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What one version of the directory says, as its roots sign it: these components are the members of its JSON.
 *
 * @param law the version of the law by which every event is judged under it
 * @param number 1 for the first version
 */
public record Document(
        int law,
        long number,
        String origin,
        Parameters parameters,
        List<ServiceEntry> services,
        List<Winery> wineries,
        List<Warehouse> warehouses,
        List<Carrier> carriers,
        List<Provider> providers) {

    /** @param until the key signs nothing from the first tick of this time or later */
    public record ServiceKey(Ed25519Key key, Instant until) {}

    /** @param until as a service's */
    public record PartyKey(P256Key key, Instant until) {}

    public record ServiceEntry(Service name, List<ServiceKey> keys) {
        public ServiceEntry {
            keys = List.copyOf(keys);
        }
    }

    /** Where a winery may have itself paid. */
    public record Account(String provider, String appid, String payee) {
        public Account {
            PARTY.require(provider, "provider");
            ACCOUNT.require(appid, "appid");
            ACCOUNT.require(payee, "payee");
        }
    }

    public record Winery(String id, List<PartyKey> keys, List<Account> accounts) {
        public Winery {
            PARTY.require(id, "winery");
            keys = List.copyOf(keys);
            accounts = List.copyOf(accounts);
        }
    }

    public record Warehouse(String id, List<PartyKey> keys, List<String> sites) {
        public Warehouse {
            PARTY.require(id, "warehouse");
            keys = List.copyOf(keys);
            sites = List.copyOf(sites);
            sites.forEach(site -> NAME.require(site, "site"));
        }
    }

    public record Carrier(String id, List<PartyKey> keys) {
        public Carrier {
            PARTY.require(id, "carrier");
            keys = List.copyOf(keys);
        }
    }

    /** @param keys those it signs its answers with */
    public record Provider(String id, List<ListedProviderKey> keys) {
        public Provider {
            PARTY.require(id, "provider");
            keys = List.copyOf(keys);
        }
    }

    /** @param until as a service's */
    public record ListedProviderKey(ProviderKey key, Instant until) {}

    public Document {
        ORIGIN.require(origin, "origin");
        services = List.copyOf(services);
        wineries = List.copyOf(wineries);
        warehouses = List.copyOf(warehouses);
        carriers = List.copyOf(carriers);
        providers = List.copyOf(providers);
        distinct(services.stream().map(ServiceEntry::name), "service");
        distinct(
                Stream.of(
                                wineries.stream().map(Winery::id),
                                warehouses.stream().map(Warehouse::id),
                                carriers.stream().map(Carrier::id),
                                providers.stream().map(Provider::id))
                        .flatMap(ids -> ids),
                "party");
        distinct(warehouses.stream().flatMap(warehouse -> warehouse.sites().stream()), "site");
        distinct(
                wineries.stream().flatMap(winery -> winery.accounts().stream()).map(a -> a.appid() + "/" + a.payee()),
                "account");
        distinct(
                services.stream()
                        .flatMap(service -> service.keys().stream())
                        .map(listed -> listed.key().thumbprint()),
                "service key");
        distinct(
                Stream.of(
                                wineries.stream().flatMap(winery -> winery.keys().stream()),
                                warehouses.stream().flatMap(warehouse -> warehouse.keys().stream()),
                                carriers.stream().flatMap(carrier -> carrier.keys().stream()))
                        .flatMap(keys -> keys)
                        .map(listed -> listed.key().thumbprint()),
                "party key");
        distinct(
                providers.stream()
                        .flatMap(provider -> provider.keys().stream())
                        .map(listed -> listed.key().serial()),
                "provider key");
    }

    /** One key of two services would be two services in one thief's hands; of two sites of one name, nobody knows whose. */
    private static void distinct(Stream<?> names, String what) {
        Set<Object> seen = new HashSet<>();
        names.forEach(name -> {
            if (!seen.add(name)) {
                throw new IllegalArgumentException("two entries for " + what + " " + name);
            }
        });
    }
}
