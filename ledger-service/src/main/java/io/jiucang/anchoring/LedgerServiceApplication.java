package io.jiucang.anchoring;

import io.jiucang.starter.Service;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Anchors every signed event. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(LedgerSettings.class)
public class LedgerServiceApplication {

    public static void main(String[] args) {
        Service.of(LedgerServiceApplication.class, "ledger").run(args);
    }
}
