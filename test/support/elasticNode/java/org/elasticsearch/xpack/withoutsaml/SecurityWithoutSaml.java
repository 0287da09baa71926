package org.elasticsearch.xpack.withoutsaml;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.xpack.security.Security;

/**
 * Elasticsearch's security without the actions for SAML, whose libraries no registry has. No realm of ours is SAML. Only
 * packages of this name may intercept requests.
 */
public final class SecurityWithoutSaml extends Security {
    private static final String SAML = ".saml.";

    public SecurityWithoutSaml(Settings settings) {
        super(settings);
    }

    @Override
    public List<ActionHandler> getActions() {
        return super.getActions().stream()
            .filter(each -> !each.getTransportAction().getName().contains(SAML))
            .toList();
    }

    @Override
    public List<RestHandler> getRestHandlers(
        RestHandlersServices services, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
        return super.getRestHandlers(services, nodes, features).stream()
            .filter(each -> !each.getClass().getName().contains(SAML))
            .toList();
    }
}
