package io.jiucang.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.simulators.device.Device;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import java.util.Map;

/** Owners' wallets at a running token-service, over HTTP as their devices would. */
final class TestWallets {

    private final RunningService service;

    TestWallets(RunningService service) {
        this.service = service;
    }

    /** @return the wallet's first device */
    Device bear(String user) {
        Device first = TestPlatform.device(user);
        assertThat(service.post("/api/v1/wallet", joining(first.birth(), first, user), user)
                        .status())
                .isEqualTo(201);
        return first;
    }

    Device letIn(String user) {
        Device first = TestPlatform.device(user);
        Device another = first.another();
        assertThat(service.post("/api/v1/wallet/keys", joining(first.endorsement(another), another, user), user)
                        .status())
                .isEqualTo(201);
        return another;
    }

    void revoke(String user, String kid) {
        Map<String, String> revocation =
                Map.of("statement", TestPlatform.device(user).revocation(kid));
        assertThat(service.post("/api/v1/wallet/revocations", revocation, user).status())
                .isEqualTo(204);
    }

    static Map<String, Object> joining(String statement, Device device, String account) {
        return Map.of("statement", statement, "proof", device.proofOfPossession(account), "label", "手机");
    }
}
