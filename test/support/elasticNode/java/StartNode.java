import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts the node of a home with `lib/` and `modules/`: `StartNode HOME CONFIG`. Elasticsearch's own main class loads an
 * agent and native libraries that no registry has; what it starts after them is this.
 */
public final class StartNode {
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        Path config = Path.of(arguments[1]).toAbsolutePath();
        LogConfigurator.configureESLogging();
        Settings settings = Settings.builder().put("path.home", home).build();
        Environment environment =
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> "node");
        LogConfigurator.configureWithoutConfig(environment.settings());
        PluginsLoader plugins =
            PluginsLoader.createPluginsLoader(
                PluginsLoader.loadModulesBundles(environment.modulesDir(), false), Set.of(), Map.of(), false);
        Node node = new Node(environment, plugins);
        node.start();
        // Until its parent ends it, or is ended itself.
        while (System.in.read() >= 0) {}
        node.close();
    }
}
